// What keys and buttons do in a room, apart from moving the slide (bench.ts).

import type { AgendaPanel } from "./agenda_panel";
import type { CallBox } from "./call_box";
import type { RoomConfig } from "./config";
import type { InkTool } from "./ink_tool";
import type { Action } from "./keyboard";
import type { OnwardCall } from "./onward_call";
import type { Pins } from "./pins";
import type { RoomPanel } from "./room_panel";
import type { RoomView } from "./room_view";
import type { Thread } from "./thread";

interface Parts {
  readonly config: RoomConfig;
  readonly pins: Pins;
  readonly view: RoomView;
  readonly box: CallBox;
  readonly onward: OnwardCall;
  readonly ink: InkTool;
  readonly panel: RoomPanel;
  readonly agenda: AgendaPanel;
  readonly thread: Thread;
}

export function act(action: Action["do"], { config, pins, view, box, onward, ink, panel, agenda, thread }: Parts): void {
  switch (action) {
    case "pin":
      if (config.may_mark) pins.begin();
      break;
    case "pins":
      pins.toggle();
      break;
    case "rejoin":
      if (box.asks) box.answer();
      else if (onward.leads) onward.go();
      else view.rejoin();
      break;
    case "escape":
      if (!ink.escape()) box.close();
      break;
    case "ink":
      ink.toggle();
      break;
    case "ink-undo":
      ink.undo();
      break;
    case "gather":
      panel.gather();
      break;
    case "present":
      panel.present();
      break;
    case "item":
      agenda.next();
      break;
    case "chat":
      if (!config.room.may_speak) break;
      panel.open();
      thread.focus();
      break;
    default:
  }
}
