// What facts say in the thread, beside what people say there. Pure.

import type { Agenda } from "./agenda";
import type { Fact } from "./messages";
import type { Participants } from "./participants";
import type { Words } from "./words";

/** A sentence for the fact, once the participants and the agenda have heard it; undefined: it makes none. */
export function happened(
  words: Words,
  fact: Fact,
  participants: Participants,
  agenda: Agenda,
  slides: readonly { readonly id: string; readonly label: string }[],
): string | undefined {
  switch (fact.kind) {
    case "presenter":
      return words("rooms-took", { name: participants.nameOf(fact.body.presenter) });
    case "slide": {
      const slide = slides.find((one) => one.id === fact.body.slide);
      return words("rooms-slide-changed", { name: fact.name, label: slide?.label || words("viewer-slide-unnamed") });
    }
    case "gathered":
      return words("rooms-gathered", { name: fact.name });
    case "agenda":
      return words("rooms-agenda-told", { name: fact.name });
    case "item":
      return agenda.now && words("rooms-agenda-at", { label: agenda.now.label });
    case "onward":
      return words("rooms-onward", { name: fact.name });
    default:
      return undefined;
  }
}
