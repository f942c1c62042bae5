/**
 * Draw all marks of the map in one pass: a MapLibre layer of our own, one instanced quad for each mark.
 *
 * MapLibre would cut moving things into tiles again at each move; here a move writes twelve numbers. Marks lie in banks
 * (reports, gauges, units, incidents, the picked one), drawn in that order; a bank is written anew when something in it
 * has changed. Positions are held as two floats each, high and low, so that they are exact to centimetres at any zoom.
 */
import type { CustomLayerInterface, Map as MapLibre } from "maplibre-gl";
import { WORLD, mercatorX, mercatorY } from "./mercator";
import type { SpriteName, Sprites } from "./sprites";

export interface Mark {
  readonly sprite: SpriteName;
  /** In the Mercator square. */
  readonly x: number;
  readonly y: number;
  /** Pixels that its middle stands away from the position. */
  readonly dx?: number;
  readonly dy?: number;
}

export const BANKS = ["reports", "gauges", "units", "incidents", "picked"] as const;
export type BankName = (typeof BANKS)[number];

const FLOATS = 10;

const VERTEX = `#version 300 es
precision highp float;
uniform vec4 u_centre;
uniform vec4 u_view; // width, height in CSS pixels, world in CSS pixels, device pixels to a CSS pixel
uniform float u_texel;
uniform float u_density;
layout(location = 0) in vec2 a_high;
layout(location = 1) in vec2 a_low;
layout(location = 2) in vec4 a_sprite;
layout(location = 3) in vec2 a_offset;
out vec2 v_at;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 away = ((a_high - u_centre.xy) + (a_low - u_centre.zw)) * u_view.z + a_offset + u_view.xy * 0.5;
  vec2 size = a_sprite.zw / u_density;
  // On whole device pixels, so that what was drawn sharp stays sharp.
  vec2 origin = floor((away - size * 0.5) * u_view.w + 0.5) / u_view.w;
  vec2 at = (origin + corner * size) / u_view.xy * 2.0 - 1.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
  v_at = (a_sprite.xy + corner * a_sprite.zw) * u_texel;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_atlas;
in vec2 v_at;
out vec4 colour;
void main() {
  colour = texture(u_atlas, v_at);
}`;

interface Bank {
  marks: readonly Mark[];
  buffer: WebGLBuffer;
  array: WebGLVertexArrayObject;
  count: number;
  /** The edition of the atlas that the buffer was written for; -1 when the marks have changed since. */
  edition: number;
}

export class Marks implements CustomLayerInterface {
  readonly id = "marks";
  readonly type = "custom";
  readonly renderingMode = "2d";
  private map: MapLibre | null = null;
  private program: WebGLProgram | null = null;
  private texture: WebGLTexture | null = null;
  private textured = -1;
  private uniforms: Record<string, WebGLUniformLocation | null> = {};
  private readonly banks = new Map<BankName, Bank>();
  private readonly waiting = new Map<BankName, readonly Mark[]>();
  private room = new Float32Array(FLOATS * 4096);

  constructor(
    private readonly sprites: Sprites,
    /** Atlas pixels to a CSS pixel. */
    private density: number,
  ) {}

  /** Draw these in a bank from the next picture on. */
  set(bank: BankName, marks: readonly Mark[]): void {
    const standing = this.banks.get(bank);
    if (standing) {
      standing.marks = marks;
      standing.edition = -1;
    } else this.waiting.set(bank, marks);
    this.map?.triggerRepaint();
  }

  /** The atlas was started anew for this density. */
  redrawn(density: number): void {
    this.density = density;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(program) ?? "marks: the program does not link");
    }
    this.program = program;
    for (const name of ["u_centre", "u_view", "u_texel", "u_density", "u_atlas"]) {
      this.uniforms[name] = gl.getUniformLocation(program, name);
    }
    this.texture = gl.createTexture();
    this.textured = -1;
    for (const name of BANKS) {
      const marks = this.banks.get(name)?.marks ?? this.waiting.get(name) ?? [];
      this.banks.set(name, { marks, ...this.arrayOf(gl), count: 0, edition: -1 });
    }
    this.waiting.clear();
  }

  onRemove(_map: MapLibre, gl: WebGL2RenderingContext): void {
    for (const { buffer, array } of this.banks.values()) {
      gl.deleteBuffer(buffer);
      gl.deleteVertexArray(array);
    }
    gl.deleteTexture(this.texture);
    gl.deleteProgram(this.program);
    this.map = null;
  }

  render(gl: WebGL2RenderingContext | WebGLRenderingContext): void {
    const { map } = this;
    if (!map || !(gl instanceof WebGL2RenderingContext)) return;
    // Writing a bank may fill the atlas and start it anew: then all are written again.
    for (let edition = -1; edition !== this.sprites.edition; ) {
      edition = this.sprites.edition;
      for (const bank of this.banks.values()) if (bank.edition !== this.sprites.edition) this.write(gl, bank);
    }
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    this.upload(gl);
    const canvas = map.getCanvas();
    const ratio = map.getPixelRatio();
    const centre = map.getCenter();
    const [x, y] = [mercatorX(centre.lng), mercatorY(centre.lat)];
    gl.useProgram(this.program);
    gl.uniform4f(this.uniforms["u_centre"]!, Math.fround(x), Math.fround(y), x - Math.fround(x), y - Math.fround(y));
    gl.uniform4f(
      this.uniforms["u_view"]!,
      canvas.width / ratio,
      canvas.height / ratio,
      WORLD * 2 ** map.getZoom(),
      ratio,
    );
    gl.uniform1f(this.uniforms["u_texel"]!, 1 / this.sprites.side);
    gl.uniform1f(this.uniforms["u_density"]!, this.density);
    gl.uniform1i(this.uniforms["u_atlas"]!, 0);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const name of BANKS) {
      const bank = this.banks.get(name)!;
      if (bank.count === 0) continue;
      gl.bindVertexArray(bank.array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, bank.count);
    }
    gl.bindVertexArray(null);
  }

  private arrayOf(gl: WebGL2RenderingContext): { buffer: WebGLBuffer; array: WebGLVertexArrayObject } {
    const buffer = gl.createBuffer();
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    for (const [location, size, offset] of [
      [0, 2, 0],
      [1, 2, 2],
      [2, 4, 4],
      [3, 2, 8],
    ] as const) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, gl.FLOAT, false, FLOATS * 4, offset * 4);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.bindVertexArray(null);
    return { buffer, array };
  }

  private write(gl: WebGL2RenderingContext, bank: Bank): void {
    const { marks } = bank;
    if (this.room.length < marks.length * FLOATS) this.room = new Float32Array(marks.length * FLOATS * 2);
    const { room } = this;
    let i = 0;
    for (const { sprite: name, x, y, dx = 0, dy = 0 } of marks) {
      const sprite = this.sprites.get(name);
      room[i] = x;
      room[i + 1] = y;
      room[i + 2] = x - room[i]!;
      room[i + 3] = y - room[i + 1]!;
      room[i + 4] = sprite.x;
      room[i + 5] = sprite.y;
      room[i + 6] = sprite.width;
      room[i + 7] = sprite.height;
      room[i + 8] = dx;
      room[i + 9] = dy;
      i += FLOATS;
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, bank.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, room.subarray(0, i), gl.DYNAMIC_DRAW);
    bank.count = marks.length;
    bank.edition = this.sprites.edition;
  }

  private upload(gl: WebGL2RenderingContext): void {
    const { sprites } = this;
    if (this.textured === sprites.edition && sprites.fresh.length === 0) return;
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    if (this.textured !== sprites.edition) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, sprites.side, sprites.side, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
      this.textured = sprites.edition;
    }
    for (const { x, y, width, height } of sprites.fresh) {
      const drawn = sprites.pixels(x, y, width, height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, gl.RGBA, gl.UNSIGNED_BYTE, drawn);
    }
    sprites.fresh = [];
  }
}
