// What a draft's text and its saved version lead to. Pure: time and answers come in.

export type Fields = Readonly<Record<string, string>>;

export interface Draft {
  /** The version on the server that the text stands on. */
  readonly version: number;
  readonly text: Fields;
  readonly saved: Fields;
  /** What is on its way, if anything. */
  readonly sending: Fields | undefined;
  readonly failures: number;
}

export const begin = (version: number, saved: Fields): Draft => ({
  version, text: saved, saved, sending: undefined, failures: 0,
});

export const same = (a: Fields, b: Fields): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => (a[name] ?? "") === (b[name] ?? ""));

export const unsaved = (draft: Draft): boolean => !same(draft.text, draft.saved);

export const typed = (draft: Draft, text: Fields): Draft => ({ ...draft, text });

/** One save at a time: a second one would race the first for its version. */
export const maySend = (draft: Draft): boolean => draft.sending === undefined && unsaved(draft);

export const sent = (draft: Draft): Draft => ({ ...draft, sending: draft.text });

export const acknowledged = (draft: Draft, version: number): Draft => ({
  ...draft, version, saved: draft.sending ?? draft.saved, sending: undefined, failures: 0,
});

export const failed = (draft: Draft): Draft => ({ ...draft, sending: undefined, failures: draft.failures + 1 });

/** Milliseconds until the next try. */
export const patience = (draft: Draft): number => Math.min(1000 * 2 ** draft.failures, 30_000);

/** After a conflict the person chose their own text: it stands on what is saved now. */
export const keepMine = (draft: Draft, version: number, theirs: Fields): Draft => ({
  ...draft, version, saved: theirs, sending: undefined, failures: 0,
});
