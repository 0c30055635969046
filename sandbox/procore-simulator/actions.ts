import { ASKING } from './people/asking';
import { ENTERING } from './people/entering';
import { EXPORTING } from './people/exporting';
import { IMPORTING } from './people/importing';
import { REFRESHING } from './people/refreshing';
import { SUPPORT } from './people/support';
import { TIMEKEEPING } from './people/timekeeping';
import { VENDOR_TAB } from './people/vendor-tab';
import type { Stage } from './stage';
import { WORLD_ACTIONS } from './world-actions';

/**
 * Everything that tests, the demo and the people of a construction company may do, each stated once. The methods of `ProcoreSimulator`,
 * the control door and `SimulatorControl` are made of this table.
 */
const ACTIONS = {
  ...WORLD_ACTIONS,
  ...ENTERING,
  ...EXPORTING,
  ...IMPORTING,
  ...REFRESHING,
  ...VENDOR_TAB,
  ...ASKING,
  ...SUPPORT,
  ...TIMEKEEPING,
};

export type ActionName = keyof typeof ACTIONS;
export type Actions = { [Name in ActionName]: OmitThisParameter<(typeof ACTIONS)[Name]> };

/** The same actions from another process. */
export type RemoteActions = {
  [Name in ActionName]: (...args: Parameters<Actions[Name]>) => Promise<Awaited<ReturnType<Actions[Name]>>>;
};

export const ACTION_NAMES = Object.keys(ACTIONS) as ActionName[];

export function isAction(name: string): name is ActionName {
  return Object.hasOwn(ACTIONS, name);
}

/** The actions, played on this stage. */
export function actionsOn(stage: Stage): Actions {
  const bound = ACTION_NAMES.map((name) => [name, ACTIONS[name].bind(stage)]);
  return Object.fromEntries(bound) as Actions;
}
