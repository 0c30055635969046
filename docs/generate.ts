/** `npm run docs`: writes the pages that are made from code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsPage } from './events-page';

writeFileSync(join(process.cwd(), 'docs', 'events.md'), eventsPage());
