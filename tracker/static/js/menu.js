// Menus are <details>; Escape or a press elsewhere closes them.

function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}

export function closeMenusFromOutside() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
