// Whether the browser draws with a graphics card, and by which way a slide is drawn fastest.

/** Software rendering of WebGL (remote desktops, blocked GPUs) draws 5 frames a second; the canvas drawer 40 to 60. */
export function graphics(): { renderer: string; software: boolean } {
  const gl = document.createElement("canvas").getContext("webgl");
  if (gl === null) return { renderer: "", software: true };
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return { renderer, software: /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer) };
}

/**
 * As OpenSeadragon's own "auto" chooses (getAutoDrawerCandidates), which whoever names a drawer does not get: WebGL is slow on iPads
 * and iPhones. An iPad calls itself a Mac, of which none is used by finger.
 */
const mobile = (): boolean => /iPad|iPhone|iPod|Mac/.test(navigator.userAgent) && window.matchMedia("(pointer: coarse)").matches;

export const fastestDrawer = (): "canvas" | "webgl" => (mobile() || graphics().software ? "canvas" : "webgl");
