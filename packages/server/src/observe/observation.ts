import type { Clock, CloseInfo, Connection, Hub, Logger } from "@conic/domain";
import type { RouterOptions } from "@conic/protocol";
import type { LimiterSetup } from "../limits/limiter.js";
import { moved } from "../cluster/tunnel/segment.js";
import { ObservedConnection } from "./connection.js";
import { ObservedHub } from "./hub.js";
import { GuardedObserver, type ServerObserver, type SessionObserver } from "./observer.js";
import { observeRouter } from "./router.js";

/** Puts an observer between the parts of a server. */
export interface Observation {
  readonly hub: (hub: Hub) => Hub;
  /** `isNew`: whether it opens; else another node has told of that. */
  readonly connection: (connection: Connection, isNew?: boolean) => Connection;
  /** How one of those ended. */
  readonly closed: (info: CloseInfo) => void;
  readonly router: <C>(
    options: RouterOptions<C> & Required<Pick<RouterOptions<C>, "decode">>,
  ) => RouterOptions<C>;
  readonly sessions: SessionObserver;
  readonly limits: LimiterSetup["events"];
  readonly calls: Pick<GuardedObserver, "callReported">;
  /** With the HTTP status. */
  readonly refused: (status: number) => void;
}

/** Without an observer the parts are as they were: nothing stands in between, and nothing is allocated. */
const nothing: Observation = {
  hub: (hub) => hub,
  connection: (connection) => connection,
  closed: () => undefined,
  router: (options) => options,
  sessions: {
    authenticated: () => undefined,
    sessionAway: () => undefined,
    sessionResumed: () => undefined,
    sessionLost: () => undefined,
    kicked: () => undefined,
  },
  limits: { limited: () => undefined, refused: () => undefined },
  calls: { callReported: () => undefined },
  refused: () => undefined,
};

export function observation(
  observer: ServerObserver | undefined,
  clock: Clock,
  logger: Logger,
): Observation {
  if (observer === undefined) return nothing;
  const guarded = new GuardedObserver(observer, logger);
  return {
    hub: (hub) => new ObservedHub(hub, guarded),
    connection: (connection, isNew = true) => {
      if (isNew) guarded.connectionOpened();
      return new ObservedConnection(connection, guarded);
    },
    closed: (info) => {
      // It goes on at another node, which will tell of its end.
      if (info !== moved) guarded.connectionClosed(info.code, info.error?.code);
    },
    router: (options) => observeRouter(options, guarded, clock),
    sessions: guarded,
    limits: {
      limited: (limit) => {
        guarded.limited(limit);
      },
      refused: (limit, type, bytes) => {
        guarded.frameReceived(bytes);
        guarded.messageHandled(type, "rate_limited");
        guarded.limited(limit);
      },
    },
    calls: guarded,
    refused: (status) => {
      guarded.connectionRefused(status);
    },
  };
}
