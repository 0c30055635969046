import type { ProcoreId } from '../domain/kinds/record';
import type { Answers, Question } from '../domain/request/intent';
import { keyOfQuestion } from '../domain/request/intent';
import type { ProcoreHttp } from './client/http';
import { isObject, textOrNull } from './client/json';
import type { ProcoreCompany } from './port';
import { ianaZone } from './time-zones';

/** How long an answer is taken for granted: the requests of a batch name the same project. */
const KNOWN_FOR_MS = 10 * 60_000;

interface Known {
  readonly value: string | null;
  readonly until: number;
}

/**
 * Asks Procore what the bodies of requests leave open, each question once in ten minutes. What it does not say, does not know (404) or does not
 * let us read (403) is null; what may go better the next time is thrown.
 */
export function answering(http: ProcoreHttp): ProcoreCompany['answer'] {
  const known = new Map<string, Known>();
  return async (questions) => {
    const answers: Record<string, string | null> = {};
    for (const question of questions) {
      const key = keyOfQuestion(question);
      const before = known.get(key);
      const isFresh = before !== undefined && before.until > http.runtime.now();
      const value = isFresh ? before.value : await ask(http, question);
      if (!isFresh) known.set(key, { value, until: http.runtime.now() + KNOWN_FOR_MS });
      answers[key] = value;
    }
    return answers satisfies Answers;
  };
}

async function ask(http: ProcoreHttp, { what, id }: Question): Promise<string | null> {
  // No published operation shows the zone of a company: the configuration says it.
  if (id === null) return null;
  switch (what) {
    case 'time_zone':
      return zoneOf(http, id);
    case 'tax_code': {
      const code = textOrNull((await one(http, 'tax_codes', id))?.['code'])?.trim() ?? '';
      return code === '' ? null : code;
    }
  }
}

async function zoneOf(http: ProcoreHttp, projectId: ProcoreId): Promise<string | null> {
  const project = await one(http, 'projects', projectId);
  const names = [project?.['tz_name'], project?.['time_zone']].map((name) => textOrNull(name)?.trim() ?? '');
  const zone = names.map((name) => (name === '' ? null : ianaZone(name))).find((name) => name !== null);
  if (zone === undefined && names.some((name) => name !== ''))
    http.runtime.logger.warn('The time zone of a project is not known', { projectId, names });
  return zone ?? null;
}

async function one(http: ProcoreHttp, name: 'projects' | 'tax_codes', id: ProcoreId) {
  const { body, status } = await http.send({
    operation: `${name}.show`,
    method: 'GET',
    path: `/rest/v1.0/${name}/${id}`,
    query: { company_id: http.companyId },
    alsoAccept: [403, 404],
  });
  return status < 300 && isObject(body) ? body : null;
}
