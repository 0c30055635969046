import fc from 'fast-check';
import type { Figure, Results, Section } from '../../../bench/results/report';
import { medianOf, toMarkdown, verdictOn } from '../../../bench/results/report';

const figure = (more: Partial<Figure> = {}): Figure => ({
  name: 'written',
  value: 4,
  goal: 1,
  minimum: 1,
  ...more,
});

const page = (...sections: readonly Section[]): string =>
  toMarkdown({
    date: '2026-11-30',
    machine: { cpu: 'Some CPU', cores: 2, memoryGb: 23.5, node: '20.19.0', system: 'Linux' },
    command: 'npm run bench -- results',
    sections,
  } satisfies Results);

const section = (more: Partial<Section> = {}): Section => ({
  title: 'Procore calls',
  about: 'Counted by the simulator.',
  figures: [],
  ...more,
});

/** From this heading to the next one. */
const under = (text: string, heading: string): string =>
  text.split('\n## ').find((part) => part.startsWith(heading)) ?? '';

test('a figure misses its goal only when it is above it; without a goal there is no verdict', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (value, goal) => {
      expect(verdictOn({ value, goal })).toBe(value <= goal ? 'met' : 'MISSED');
      expect(verdictOn({ value, goal: null })).toBe('');
    }),
  );
});

test('what missed its goal comes before every section, with figure and goal', () => {
  const text = page(section({ figures: [figure(), figure({ name: 'read', value: 0.5 })] }));
  expect(under(text, 'Missed goals')).toContain('- **Procore calls**: written: 4, goal ≤ 1.');
  expect(under(text, 'Missed goals')).not.toContain('read');
  expect(text.indexOf('## Missed goals')).toBeLessThan(text.indexOf('## Procore calls'));
});

test('where every goal was met the page says so', () => {
  expect(under(page(section({ figures: [figure({ value: 1 })] })), 'Missed goals')).toContain('None');
});

test('what was not measured is said with the missed goals and in its section', () => {
  const text = page(section({ notMeasured: ['there is no Python'] }));
  expect(under(text, 'Missed goals')).toContain('not measured: there is no Python');
  expect(under(text, 'Procore calls')).toContain('Not measured: there is no Python');
});

test('a row has figure, value with spread, goal, minimum and verdict; a cell may hold a bar', () => {
  const minimum = 'ceil(n/1,000)';
  const given = figure({ name: 'a|b', value: 1.234, unit: '×', spread: [1, 2], minimum });
  const [row] = under(page(section({ figures: [given] })), 'Procore calls')
    .split('\n')
    .filter((line) => line.includes('1.23'));
  const cells = (row ?? '').split(/(?<!\\)\|/).map((cell) => cell.trim());
  expect(cells).toEqual(['', 'a\\|b', '1.23 × (1 to 2)', '≤ 1 ×', minimum, 'MISSED', '']);
});

test('bars have the lengths of their values', () => {
  const of = [
    { label: 'script', value: 1 },
    { label: 'Tieback', value: 4 },
  ];
  const lengths = page(section({ bars: { unit: 's', of } }))
    .split('\n')
    .flatMap((line) => (/█/.test(line) ? [line.replace(/[^█]/g, '').length] : []));
  expect(lengths).toHaveLength(2);
  expect(Math.round((lengths[1] ?? 0) / (lengths[0] ?? 1))).toBe(4);
});

test('the median lies between the lowest and the highest, half on each side', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const { value, spread } = medianOf(values);
      expect(values.filter((one) => one < value).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((one) => one > value).length).toBeLessThanOrEqual(values.length / 2);
      expect(spread).toEqual([Math.min(...values), Math.max(...values)]);
    }),
  );
  expect(() => medianOf([])).toThrow('median');
});
