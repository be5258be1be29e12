// One's own question to whoever presents, for the presentation: how long they have to answer it, counted from when the room has it.
//
//   no ──asked──► sent ──the room has it──► heard ──10 s──► unanswered
//   ▲               │ refused                 │                │ somebody else presents
//   └───────────────┴─────────────────────────┴────────────────┘

/** Who was asked for the presentation has this long to answer before it may be taken. */
const ANSWER_MS = 10_000;

export class Asking {
  private state: "no" | "sent" | "heard" | "unanswered" = "no";
  private operation = "";
  private timer = 0;

  constructor(
    /** The answer is long in coming, or there will be none. */
    private readonly changed: () => void,
  ) {}

  /** Whether there may be an answer yet. */
  get waits(): boolean {
    return this.state === "sent" || this.state === "heard";
  }

  get unanswered(): boolean {
    return this.state === "unanswered";
  }

  asked(operation: string): void {
    this.state = "sent";
    this.operation = operation;
  }

  /** The room has done this operation: whoever presents is asked from now on, and not while it waited for the link. */
  heard(operation: string): void {
    if (this.state !== "sent" || operation !== this.operation) return;
    this.state = "heard";
    this.timer = window.setTimeout(() => {
      this.state = "unanswered";
      this.changed();
    }, ANSWER_MS);
  }

  /** It will not be done. */
  refused(operation: string): void {
    if (this.state !== "sent" || operation !== this.operation) return;
    this.state = "no";
    this.changed();
  }

  settled(): void {
    window.clearTimeout(this.timer);
    this.state = "no";
  }
}
