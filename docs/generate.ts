/** `npm run docs`: writes the pages that are made from code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsPage } from './commands-page';
import { eventsPage } from './events-page';
import { openApiText } from './openapi';

writeFileSync(join(process.cwd(), 'docs', 'events.md'), eventsPage());
writeFileSync(join(process.cwd(), 'docs', 'commands.md'), commandsPage());

void openApiText().then((text) => writeFileSync(join(process.cwd(), 'docs', 'openapi.json'), text));
