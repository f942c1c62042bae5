/**
 * How many device pixels the map draws to a CSS pixel: all of them where a graphics card draws, fewer where it does not.
 *
 * Without one, every pixel is computed by the processor that the page runs on as well. A wall of 3840 pixels would then be
 * drawn eight million pixels at a time; half of them each way are as readable at three metres, and four times as fast.
 */

/** Pixels that a processor draws often enough in a second. */
const AFFORDABLE = 2_300_000;

export function pixelRatio(device: number, width: number, height: number, software: boolean): number {
  if (!software) return Math.min(device, 2);
  const wanted = Math.min(device, 2);
  const pixels = width * height * wanted * wanted;
  return pixels <= AFFORDABLE ? wanted : Math.max(0.5, wanted * Math.sqrt(AFFORDABLE / pixels));
}

/** Say whether the browser draws WebGL by software; unknown counts as not. */
export function drawsBySoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const known = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(known ? known.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
