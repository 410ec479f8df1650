/** What a line typed at the prompt means. */
export type Command =
  | { readonly name: "offer"; readonly peer: string }
  | { readonly name: "join"; readonly room: string }
  | { readonly name: "leave"; readonly room: string }
  | { readonly name: "peers" }
  | { readonly name: "channel"; readonly label: string }
  | { readonly name: "send"; readonly label: string; readonly message: string }
  | { readonly name: "list" }
  | { readonly name: "help" }
  | { readonly name: "quit" }
  | { readonly name: "say"; readonly message: string }
  | { readonly name: "nothing" }
  | { readonly name: "wrong"; readonly message: string };

export const commandNames = [
  "offer",
  "join",
  "leave",
  "peers",
  "channel",
  "send",
  "list",
  "help",
  "quit",
] as const;

export const commandHelp: readonly string[] = [
  "offer <peer_id>          call a peer, or talk to one that is connected",
  "join <room>              enter a room: connects to all who are in it, or talks to them",
  "leave <room>             leave it",
  "peers                    show who is in your rooms",
  "channel <label>          open another channel to the current peer",
  "send <label> <message>   send on a channel; <label>@<peer_id> names another peer's",
  "list                     show channels: state, peer, traffic",
  "help                     show this",
  "quit                     leave (also Ctrl-D)",
  "anything else            is sent to the current peer or room; put a space first to send a line",
  "                         that begins with a command",
];

function wrong(usage: string): Command {
  return { name: "wrong", message: `usage: ${usage}` };
}

export function parseCommand(line: string): Command {
  if (line.trim() === "") return { name: "nothing" };
  if (line.startsWith(" ")) return { name: "say", message: line.slice(1) };
  const match = /^\/?(\S+)\s*(.*)$/s.exec(line);
  const word = match?.[1] ?? "";
  const rest = (match?.[2] ?? "").trimEnd();
  switch (word) {
    case "offer":
      return /^\S+$/.test(rest) ? { name: "offer", peer: rest } : wrong("offer <peer_id>");
    case "join":
    case "leave":
      return /^\S+$/.test(rest) ? { name: word, room: rest } : wrong(`${word} <room>`);
    case "channel":
      return rest === "" ? wrong("channel <label>") : { name: "channel", label: rest };
    case "send": {
      const [, label, message] = /^(\S+)\s(.+)$/s.exec(rest) ?? [];
      if (label === undefined || message === undefined) return wrong("send <label> <message>");
      return { name: "send", label, message };
    }
    case "peers":
    case "list":
    case "help":
    case "quit":
      // "list all of them" is something one says, not a command.
      return rest === "" ? { name: word } : { name: "say", message: line };
    case "exit":
      return rest === "" ? { name: "quit" } : { name: "say", message: line };
    default:
      if (line.startsWith("/"))
        return { name: "wrong", message: `there is no command /${word}: try help` };
      return { name: "say", message: line };
  }
}
