import { deserialize, serialize } from 'node:v8';
import { actionsOn, type Actions } from './actions';
import { SystemClock, type Clock } from './clock';
import { ControlDoor } from './control-door';
import { ActionRefused } from './errors';
import { HttpDoor } from './http-door';
import { recordState } from './records/store';
import type { Place, Stage } from './stage';
import type { StateDump } from './state';
import type { Addresses, SimulatorOptions } from './types';
import { buildWorld, type World } from './world';

/** The world that is now, and the door to it. */
class Theatre implements Stage {
  clock: Clock = new SystemClock();
  world!: World;
  door: HttpDoor | null = null;
  options: SimulatorOptions = {};

  constructor(options: SimulatorOptions) {
    this.configure(options);
  }

  configure(options: SimulatorOptions): void {
    this.options = { ...this.options, ...options };
    this.clock = this.options.clock ?? this.clock;
    this.world = buildWorld(this.clock, this.options);
  }

  at(companyId?: number): Place {
    const { companies } = this.world.state;
    const company = companyId === undefined ? [...companies.values()][0] : companies.get(companyId);
    if (!company) throw new ActionRefused(`no company ${companyId ?? ''}`, 404);
    const { records } = this.world;
    return { ...this.world, company, show: (record) => recordState(records, company, record) };
  }

  async reset(): Promise<void> {
    await this.world.engine.stop();
    this.world = buildWorld(this.clock, this.options);
    if (this.door) this.world.engine.start();
  }
}

/** Its instances get their methods from the table of actions. */
class Player {
  constructor(stage: Stage) {
    Object.assign(this, actionsOn(stage));
  }
}
const Acting = Player as new (stage: Stage) => Actions;

/**
 * A stand-in of Procore: OAuth, REST, the ERP Integrations tool and webhooks as documented, with the people who use them as methods.
 * State is in memory; `/_sim/…` drives it from other processes.
 */
export class ProcoreSimulator extends Acting {
  private readonly theatre: Theatre;

  constructor(options: SimulatorOptions = {}) {
    const theatre = new Theatre(options);
    super(theatre);
    this.theatre = theatre;
  }

  async start(options: SimulatorOptions = {}): Promise<Addresses> {
    const { theatre } = this;
    if (theatre.door) throw new Error('the simulator is already running');
    if (Object.keys(options).length > 0) theatre.configure(options);
    const { port = 0, host = '127.0.0.1', onLine } = theatre.options;
    theatre.door = new HttpDoor(
      () => theatre.world,
      new ControlDoor(this),
      (line) => onLine?.(line),
    );
    const url = await theatre.door.listen(port, host);
    theatre.world.engine.start();
    return { apiUrl: url, loginUrl: url };
  }

  async stop(): Promise<void> {
    const { theatre } = this;
    await theatre.door?.close();
    theatre.door = null;
    await theatre.world.engine.stop();
  }

  /** The records as bytes for a file, so that a later simulator can go on with them. */
  save(): Buffer {
    return serialize(this.theatre.world.state.dump());
  }

  /** Goes on with records that `save` wrote. */
  restore(saved: Buffer): void {
    this.theatre.world.state.load(deserialize(saved) as StateDump);
  }
}
