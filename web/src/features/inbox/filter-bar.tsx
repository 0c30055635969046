import { Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import sections from '../../kit/sections.module.css';
import { answerOf, DELETE, PUT } from '../../lib/api';
import { useKeys } from '../../lib/keys';
import { parseSearch, stringifySearch } from '../../lib/search-params';
import { texts } from '../../texts/en';
import type { FilterName, Search } from './filter';
import { FILTERS, isFiltered } from './filter';
import styles from './inbox.module.css';
import { viewsOf } from './queries';

type Change = (next: Record<string, string | undefined>) => void;

const AFTER_MS = 300;
const KINDS = Object.entries(texts.kinds).map(([value, label]) => ({ value, label }));

/** One box that finds any number, name or id; what narrows further is a click away; a list that somebody looks at every day has a name. */
export function FilterBar({ search, onChange }: { readonly search: Search; readonly onChange: Change }) {
  const words = texts.inbox.filter;
  const box = useRef<HTMLInputElement>(null);
  const narrows = FILTERS.some((name) => name !== 'q' && search[name] !== undefined);
  const [open, setOpen] = useState(narrows);
  useKeys({ '/': () => box.current?.focus() });
  return (
    <search className={`${styles['filters']} screen`}>
      <div className={sections['line']}>
        <Typed
          name="q"
          label={texts.search.label}
          hidden
          placeholder={texts.search.placeholder}
          search={search}
          onChange={onChange}
          box={box}
        />
        <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {words.more}
        </Button>
        <Views search={search} />
        {isFiltered(search) ? (
          <Button
            variant="subtle"
            onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
          >
            {texts.inbox.clear}
          </Button>
        ) : null}
      </div>
      {open ? (
        <div className={sections['line']}>
          <Select
            label={words.kind}
            data={KINDS}
            value={search['kind'] ?? null}
            clearable
            searchable
            onChange={(kind) => onChange({ kind: kind ?? undefined })}
          />
          <Typed name="project" label={words.project} search={search} onChange={onChange} />
          <Typed name="vendor" label={words.vendor} search={search} onChange={onChange} />
          <Typed name="connection" label={words.connection} search={search} onChange={onChange} />
          <Select
            label={words.warnings}
            data={[
              { value: 'true', label: words.withWarnings },
              { value: 'false', label: words.withoutWarnings },
            ]}
            value={search['warnings'] ?? null}
            clearable
            onChange={(warnings) => onChange({ warnings: warnings ?? undefined })}
          />
          <Select
            label={words.attention}
            data={[
              { value: 'mine', label: words.mine },
              { value: 'held', label: words.held },
              { value: 'free', label: words.free },
            ]}
            value={attentionIn(search)}
            clearable
            onChange={(chosen) =>
              onChange({
                mine: chosen === 'mine' ? 'true' : undefined,
                held: chosen === 'held' ? 'true' : chosen === 'free' ? 'false' : undefined,
              })
            }
          />
          <Typed
            name="olderThanHours"
            label={words.older}
            pattern={/^\d{0,6}$/}
            search={search}
            onChange={onChange}
          />
          <Typed
            name="amountFrom"
            label={words.amountFrom}
            pattern={AMOUNT}
            search={search}
            onChange={onChange}
          />
          <Typed
            name="amountTo"
            label={words.amountTo}
            pattern={AMOUNT}
            search={search}
            onChange={onChange}
          />
        </div>
      ) : null}
    </search>
  );
}

const attentionIn = ({ mine, held }: Search): string | null =>
  mine === 'true' ? 'mine' : held === 'true' ? 'held' : held === 'false' ? 'free' : null;

const AMOUNT = /^-?\d{0,17}(\.\d{1,6})?$/;

/** A box whose text goes into the address when somebody stops typing; what cannot be asked says so instead. */
function Typed({
  name,
  label,
  hidden = false,
  placeholder = '',
  pattern,
  search,
  onChange,
  box,
}: {
  readonly name: FilterName;
  readonly label: string;
  readonly hidden?: boolean;
  readonly placeholder?: string;
  readonly pattern?: RegExp;
  readonly search: Search;
  readonly onChange: Change;
  readonly box?: React.RefObject<HTMLInputElement | null>;
}) {
  const given = search[name] ?? '';
  const [typed, setTyped] = useState(given);
  const fits = pattern?.test(typed) !== false;
  const last = useRef(given);
  useEffect(() => {
    // The address moved by itself: back, a saved view, or "clear".
    if (given !== last.current) {
      last.current = given;
      setTyped(given);
    }
  }, [given]);
  useEffect(() => {
    if (typed === last.current || !fits) return undefined;
    const timer = setTimeout(() => {
      last.current = typed;
      onChange({ [name]: typed === '' ? undefined : typed });
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, fits, name, onChange]);
  return (
    <TextInput
      {...(box === undefined ? {} : { ref: box })}
      {...(hidden ? { 'aria-label': label, className: styles['box'] ?? '', type: 'search' } : { label })}
      placeholder={placeholder}
      value={typed}
      error={fits ? null : texts.inbox.filter.number}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
    />
  );
}

/** Lists with a name. What is looked at now can be kept under one. */
function Views({ search }: { readonly search: Search }) {
  const words = texts.inbox.views;
  const queries = useQueryClient();
  const { data } = useQuery(viewsOf());
  const [name, setName] = useState('');
  const onSuccess = (): Promise<void> => queries.invalidateQueries({ queryKey: ['views'] });
  const save = useMutation({
    mutationFn: () =>
      answerOf(
        PUT('/api/views/{name}', {
          params: { path: { name: name.trim() } },
          body: { query: stringifySearch(search) },
        }),
      ),
    onSuccess: async () => {
      setName('');
      await onSuccess();
    },
  });
  const remove = useMutation({
    mutationFn: async (gone: string) => {
      await DELETE('/api/views/{name}', { params: { path: { name: gone } } });
    },
    onSuccess,
  });
  return (
    <details className={styles['views']}>
      <summary>{words.title}</summary>
      <div className={styles['sheet']}>
        <ul>
          {(data?.views ?? []).map((view) => (
            <li key={view.name}>
              <Link to="/inbox" search={parseSearch(view.query)}>
                {view.name}
              </Link>
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={words.remove(view.name)}
                onClick={() => remove.mutate(view.name)}
              >
                {'✕'}
              </Button>
            </li>
          ))}
        </ul>
        <form
          className={sections['line']}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') save.mutate();
          }}
        >
          <TextInput
            aria-label={words.name}
            placeholder={words.name}
            maxLength={60}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={name.trim() === ''} loading={save.isPending}>
            {words.save}
          </Button>
        </form>
      </div>
    </details>
  );
}
