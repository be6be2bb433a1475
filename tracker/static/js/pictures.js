// A photo of 12 megapixels is made smaller before it is sent, so that it goes up from a stairwell.
// The server shrinks and cleans every picture again; without this script the original is sent.

const LONGEST_SIDE = 2048;
const QUALITY = 0.85;

async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  if (scale === 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

async function shrinkAll(input, line) {
  const files = [...input.files];
  const chosen = new DataTransfer();
  for (const [index, file] of files.entries()) {
    line.textContent = line.dataset.working.replace("{i}", index + 1).replace("{n}", files.length);
    // A picture the browser cannot open goes up as it is; the server decides.
    chosen.items.add(await shrink(file).catch(() => file));
  }
  input.files = chosen.files;
  const total = [...input.files].reduce((sum, file) => sum + file.size, 0);
  line.textContent = line.dataset.ready
    .replace("{n}", files.length)
    .replace("{size}", (total / 1024 / 1024).toFixed(1));
}

export function shrinkPictures() {
  for (const holder of document.querySelectorAll(".upload-picture")) {
    const input = holder.querySelector("input[type=file]");
    const line = holder.querySelector(".progress-line");
    if (!input || !line) continue;
    // While pictures are being made smaller the form waits, else the originals would go up.
    let working = null;
    input.addEventListener("change", () => {
      working = shrinkAll(input, line).finally(() => {
        working = null;
      });
    });
    input.form?.addEventListener("submit", (event) => {
      if (!working) return;
      event.preventDefault();
      const pressed = event.submitter;
      working.then(() => input.form.requestSubmit(pressed));
    });
  }
}
