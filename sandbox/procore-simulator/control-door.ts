import { isAction, type Actions } from './actions';
import { ActionRefused } from './errors';
import { isObject } from './json';

/**
 * `POST /_sim/<action>` with `{"args": […]}`: every action for a test or the demo in another process; `GET` where there are no
 * arguments. Not a part of Procore.
 */
export class ControlDoor {
  constructor(private readonly actions: Actions) {}

  /** The result of the action; undefined when it has none. */
  async handle(name: string, body: unknown): Promise<unknown> {
    if (!isAction(name)) throw new ActionRefused(`no control operation ${name}`, 404);
    const args: unknown = isObject(body) ? (body['args'] ?? []) : [];
    if (!Array.isArray(args)) throw new ActionRefused('args must be an array', 400);
    const action = this.actions[name] as (...given: unknown[]) => unknown;
    return await action(...(args as unknown[]));
  }
}
