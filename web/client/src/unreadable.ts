// What is drawn where a tile cannot be read: hatched grey that says what it is, never blank glass.

export async function unreadable(width: number, height: number, text: string): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#6e6e6e";
  context.fillRect(0, 0, width, height);
  context.strokeStyle = "#585858";
  context.lineWidth = 6;
  for (let x = -height; x < width; x += 24) {
    context.beginPath();
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
    context.stroke();
  }
  context.font = `600 ${Math.max(12, Math.round(width / 12))}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const wide = context.measureText(text).width + 24;
  context.fillStyle = "#2b2b2b";
  context.fillRect((width - wide) / 2, height / 2 - width / 12, wide, width / 6);
  context.fillStyle = "#f2f2f2";
  context.fillText(text, width / 2, height / 2);
  return createImageBitmap(canvas);
}
