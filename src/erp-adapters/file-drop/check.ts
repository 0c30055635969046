import type { HealthCheck } from '../contract/adapter';
import type { Drop } from './drop';
import type { Place } from './folder';
import type { Operation } from './state';
import { access, constants, PLACES, stat } from './folder';

const HOUR_MS = 3_600_000;
/** So many late documents are named, the oldest first. */
const MOST_NAMED = 10;

/** For `tieback doctor`: what the folder is like, and what waits there. Changes nothing, and never throws. */
export async function checkDrop(drop: Drop): Promise<readonly HealthCheck[]> {
  const { folder, settings, log, state, takeIn } = drop;
  const check = async (
    name: string,
    hint: string,
    see: () => Promise<{ ok: boolean; detail: string }>,
  ): Promise<HealthCheck> => {
    try {
      const { ok, detail } = await see();
      return ok ? { name, ok, detail } : { name, ok, detail, hint };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error), hint };
    }
  };
  const rights = 'Mount the share, and run what the grant script says.';
  return [
    await check('drop folder', rights, async () => {
      const places = Object.keys(PLACES) as Place[];
      const devices = await folder.call('erp.check.folders', () =>
        Promise.all(
          places.map(async (place) => {
            await access(folder.path(place), constants.R_OK | constants.W_OK | constants.X_OK);
            return (await stat(folder.path(place))).dev;
          }),
        ),
      );
      const ok = new Set(devices).size === 1;
      return {
        ok,
        detail: ok
          ? settings.folder
          : 'its folders are on several file systems, so files cannot be moved at one stroke',
      };
    }),
    await check(
      'ledger',
      'Restore tieback/ledger from a backup; nothing in it is ever changed by hand.',
      async () => {
        await log.refresh();
        const beyond = await log.beyondGaps();
        const lost = log.entries.filter(({ type }) => type === 'lost').length;
        const unknown = lost === 0 ? '' : `, of which ${lost} are not known any more: it was put back`;
        return {
          ok: beyond.length === 0,
          detail:
            beyond.length === 0
              ? `${log.entries.length} entries without a gap${unknown}`
              : `after ${log.entries.length} entries a number is missing, then come ${beyond.slice(0, 5).join(', ')}`,
        };
      },
    ),
    await check('answers', 'Ask the people of the ERP whether its import program runs.', async () => {
      const open = [...state.operations.values()].filter(({ answer }) => answer === null);
      const hoursOf = ({ entry }: Operation): number => (Date.now() - Date.parse(entry.writtenAt)) / HOUR_MS;
      const late = open.filter((one) => hoursOf(one) > settings.answerWithinHours);
      const waiting = `${open.length} ${open.length === 1 ? 'document' : 'documents'} without an answer`;
      if (late.length === 0) return { ok: true, detail: `${waiting}, none late` };
      const named = late
        .slice(0, MOST_NAMED)
        .map((one) => `${one.entry.recordId} in ${one.entry.file} (${Math.floor(hoursOf(one))} hours)`);
      const more = late.length > MOST_NAMED ? ` and ${late.length - MOST_NAMED} more` : '';
      return {
        ok: false,
        detail: `${waiting}, ${late.length} of them for more than ${settings.answerWithinHours} hours: ${named.join(', ')}${more}`,
      };
    }),
    await check(
      'files of the ERP',
      'Have the ERP write the file again, or correct its layout in the settings. The file is left where it is.',
      async () => {
        const refused = [...(await takeIn.refusals())].map(([path, why]) => `${path}: ${why}`);
        return {
          ok: refused.length === 0,
          detail: refused.length === 0 ? 'all that lies there can be read' : refused.join('; '),
        };
      },
    ),
  ];
}

/** What the administrator of the share does once. */
export const grantScript = (
  root: string,
): string => `# The drop folder of Tieback, and the rights of both service accounts. Run once, as the administrator of the share.
# TIEBACK runs the daemon, ERP the import and export programs. All folders must be on one file system.
# tieback/ledger is Tieback's operation ledger: back it up, and let nobody else write there.
cd '${root.replaceAll("'", "'\\''")}'
mkdir -p ${Object.values(PLACES).join(' ')}
setfacl -m u:TIEBACK:rwx,d:u:TIEBACK:rwX ${Object.values(PLACES).join(' ')}
setfacl -m u:ERP:rwx,d:u:ERP:rwX ${[PLACES.out, PLACES.acknowledged, PLACES.rejected, PLACES.in].join(' ')}
setfacl -m u:ERP:---,d:u:ERP:--- tieback ${PLACES.ledger} ${PLACES.tmp}
# Windows: New-Item -ItemType Directory for the same folders, then
#   icacls out ack rejected in archive tieback /grant "TIEBACK:(OI)(CI)M"
#   icacls out ack rejected in /grant "ERP:(OI)(CI)M"
#   icacls tieback /deny "ERP:(OI)(CI)W"
`;
