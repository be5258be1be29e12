// What was kept ahead goes: the session has ended, or a right. Its keys are gone with the session in any case.

/** Of all slides. */
export async function dropWarm(): Promise<void> {
  if (!("caches" in globalThis)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("ahead-")).map((name) => caches.delete(name)));
}
