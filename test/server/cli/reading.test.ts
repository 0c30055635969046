/** What people read of documents: found by anything of theirs, and shown so that they can be judged. */
import { addCommitment } from './commitments';
import { Desk, seed } from './seed';

let desk: Desk;

beforeAll(async () => {
  const app = { apiUrl: 'https://api.procore.com', loginUrl: 'http://127.0.0.1:1', clientId: 'tieback' };
  desk = new Desk(['acme'], { procoreApps: { main: { ...app, clientSecret: { env: 'PROCORE_SECRET' } } } });
  await desk.store((store) => seed(store));
  await addCommitment(desk, { position: 6001, code: 'SC-2417-008', lines: 24, wrong: [22] });
  await addCommitment(desk, { position: 6002, code: 'PO-1234', lines: 2 });
  await addCommitment(desk, {
    position: 6003,
    code: 'SC-2417-009',
    lines: 600,
    wrong: Array.from({ length: 250 }, (_, index) => index + 1),
  });
});
afterAll(() => desk.remove());

/** On a terminal of so many columns. */
async function onTerminal(columns: number, args: readonly string[], more = {}): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text), isTTY: true, columns };
  await desk.tieback(args, { stdout, ...more });
  return written.join('');
}

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test.each([
  ['the number of the document', ['PO-1234']],
  ['the number in lower case', ['po-1234']],
  ['an id of Procore', ['77002']],
  ['words of it', ['cobalt', 'hvac', 'PO-1234']],
  ['the request', ['6002']],
])('show: found by %s', async (_name, words) => {
  const { code, out } = await desk.tieback(['show', ...words]);
  expect({ code, title: out.split('\n')[0] }).toEqual({
    code: 0,
    title: 'ERP request 6002 · create_commitment · Commitment PO-1234 "HVAC"',
  });
});

test.each([
  ['an ERP number', '10442'],
  ['a vendor', 'Cobalt Mechanical'],
  ['an origin_id', 'vendor|1|10442'],
])('show: several have %s, and one is chosen by its id', async (_name, words) => {
  const { code, out } = await desk.tieback(['show', ...words.split(' ')]);
  expect(code).toBe(2);
  expect(out).toMatch(/^\d requests have ".*" in their titles/);
  expect(out).toMatch(
    /erp\/6002 +create_commitment +PO-1234 HVAC +10442 Cobalt Mechanical LLC +2417-001 Eastgate/,
  );
  expect(out).toMatch(/\nOpen one by its id: tieback show erp\/\d+\n$/);
  const json = await desk.tieback(['show', '--json', ...words.split(' ')]);
  expect(JSON.parse(json.out)).toMatchObject({ more: false, candidates: expect.any(Array) as unknown });
});

test('show: nothing found says what to try', async () => {
  const { code, err } = await desk.tieback(['show', 'PO-9999']);
  expect(code).toBe(2);
  expect(err).toMatch(/^error No request has "PO-9999" in its titles, numbers, names or ids\.\nTry fewer/);
});

test('show: names beside codes, amounts, the sum of the lines, who sent it and where it is in Procore', async () => {
  const out = await onTerminal(160, ['show', '6001']);
  for (const part of [
    /Received +.*caused by Rosa Lindqvist \(Procore user 7710\)/,
    /In Procore +https:\/\/app\.procore\.com\/9\/project\/commitments\/work_order_contracts\/77001\n/,
    /\n {2}! Line 22: .*\n {2}360,138\.00 USD to the ERP · /,
    / Job +2417-001 Eastgate Parking\n +Vendor +10442 Cobalt Mechanical LLC\n/,
    / Amount +360,138\.00\n/,
    /line +Description +Cost code +Cost type +Basis +Quantity +Unit +Unit cost +Amount\n/,
    / 1 +Ductwork level 1 +23-050 HVAC +cost type SUB +unit +12 +EA +1,250\.50 +15,006\.00\n/,
    / 24 +Ductwork level 24 /,
    /\n +24 lines: 360,138\.00 = Amount ✓\n/,
  ])
    expect(out).toMatch(part);
  const amounts = out.split('\n').filter((line) => / {2}EA {2}/.test(line));
  expect(new Set(amounts.map((line) => line.length)).size).toBe(1);
});

test.each([80, 100, 160])('show and requests keep to %d columns', async (columns) => {
  for (const args of [['show', '6001'], ['requests'], ['show', 'cobalt'], ['correct', '5012']]) {
    const lines = (await onTerminal(columns, args)).split('\n').filter((line) => !line.includes('http'));
    expect(longest(lines.join('\n'))).toBeLessThanOrEqual(columns);
  }
});

test('where a line has no room, it is told in two, with everything that is written', async () => {
  const out = await onTerminal(80, ['show', '6002']);
  expect(out).toMatch(/ 2 +Ductwork level 2 +15,006\.00\n +Cost code 23-050 HVAC · /);
  expect(out).toMatch(/Unit cost 1,250\.50/);
});

test('requests: at 100 columns amount, project and vendor are there', async () => {
  const [head = '', ...rows] = (await onTerminal(100, ['requests'])).split('\n');
  expect(head).toMatch(/^id +subject +vendor +project +amount +status +since$/);
  expect(rows.find((row) => row.startsWith('erp/6002'))).toMatch(
    /PO-1234 HVAC +10442 Co.* +2417-001.* +30,012\.00 +waiting/,
  );
});

test('times are those of the reader, and their zone is told once', async () => {
  const out = await onTerminal(100, ['show', '6001'], { timeZone: 'America/Los_Angeles' });
  expect(out).toMatch(/Times +America\/Los_Angeles \(GMT-7\)\n/);
  expect(out).toMatch(/Received +2026-03-09 08:30:00, /);
  expect(out.match(/Los_Angeles/g)).toHaveLength(1);
  const { out: json } = await desk.tieback(['show', '6001', '--json']);
  expect(JSON.parse(json)).toMatchObject({ request: { receivedAt: '2026-03-09T15:30:00.000Z' } });
});

test('a plan that nobody can read whole says what is left out, and how to see it', async () => {
  const { out } = await desk.tieback(['show', '6003']);
  expect(out).toMatch(/\n {2}250 warnings\n/);
  expect(out.match(/\n {2}! Line/g)).toHaveLength(200);
  expect(out).toMatch(/and 50 more warnings: tieback show erp\/6003 --all shows them/);
  expect(out).toMatch(/and 550 more lines: tieback show erp\/6003 --all shows them/);
  expect(out).toMatch(/600 lines: 9,002,100\.00 = Amount ✓/);
  const all = await desk.tieback(['show', '6003', '--all']);
  expect(all.out.match(/\n {2}! Line/g)).toHaveLength(250);
  expect(all.out).toMatch(/ 600 +Ductwork level 600 /);
  expect(all.out).not.toMatch(/ more /);
});

test('approve: the prompt shows every line and the warning', async () => {
  const questions: string[] = [];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    return 'n';
  };
  const { out } = await desk.tieback(['approve', '6001'], { ask });
  expect(out).toMatch(/^Plan .* UTC, not decided\n {2}! Line 22: /);
  for (const line of [1, 20, 21, 24])
    expect(out).toMatch(new RegExp(`\\n +${line} +Ductwork level ${line} `));
  expect(questions).toEqual([expect.stringMatching(/^\nApprove plan [0-9a-f]{12} with 1 warning\? /)]);
});

test('correct without values: fields, what is there now, and an example', async () => {
  const { code, out } = await desk.tieback(['correct', '5012']);
  expect(code).toBe(0);
  expect(out).toMatch(/^Vendor "Cobalt Mechanical LLC": what can be corrected\n +field +label +now/);
  expect(out).toMatch(/\n +sortName +Sort name +COBALT/);
  expect(out).toMatch(/\n +isActive +Active +yes +true or false/);
  expect(out).toMatch(/Such as: tieback correct erp\/5012 name="Cobalt Mechanical LLC"\n/);
});

test('correct without values tells the fields of lines once, by the number of the first', async () => {
  const { code, out } = await desk.tieback(['correct', '6001']);
  expect(code).toBe(0);
  expect(out).toMatch(/Line: 24 lines \(1, 2, 3, .*\)\n +field +label +the ERP takes\n/);
  expect(out).toMatch(/\n +1\.description +Description/);
});
