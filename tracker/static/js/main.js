// Everything here is a help, never a need: each page works with scripts switched off.
import { focusErrorSummary } from "./errors.js";
import { closeMenusFromOutside } from "./menu.js";
import { sendFormsOnce } from "./once.js";
import { shrinkPictures } from "./pictures.js";
import { offerPrinting } from "./printing.js";
import { keepScanning } from "./scanning.js";

focusErrorSummary();
closeMenusFromOutside();
sendFormsOnce();
shrinkPictures();
offerPrinting();
keepScanning();
