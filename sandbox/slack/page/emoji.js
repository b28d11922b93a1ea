// The emoji names that messages use here; an unknown name stays as it was written.

const NAMES = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", no_entry: "⛔", red_circle: "🔴",
  large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", rotating_light: "🚨", mag: "🔍", lock: "🔒", unlock: "🔓", key: "🔑",
  hourglass_flowing_sand: "⏳", hourglass: "⌛", moneybag: "💰", chart_with_upwards_trend: "📈", bulb: "💡",
  wrench: "🔧", hammer_and_wrench: "🛠️", shield: "🛡️", eyes: "👀", tada: "🎉", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", wave: "👋", zzz: "💤", sleeping: "😴", bell: "🔔", no_bell: "🔕", pause_button: "⏸️",
  arrow_forward: "▶️", arrow_right: "➡️", leftwards_arrow_with_hook: "↩️", information_source: "ℹ️", globe_with_meridians: "🌐",
  robot_face: "🤖", package: "📦", memo: "📝", pushpin: "📌", link: "🔗", rocket: "🚀", question: "❓", ok: "🆗",
  black_small_square: "▪️", small_blue_diamond: "🔹", small_orange_diamond: "🔸", bar_chart: "📊", construction: "🚧",
};

// Drawn here, so that they look the same where no emoji font is installed.
const DRAWN = {
  red_circle: "dot red", large_orange_circle: "dot orange", large_yellow_circle: "dot yellow",
  large_green_circle: "dot green", large_blue_circle: "dot blue", white_circle: "dot", black_circle: "dot black",
};
const STROKES = { white_check_mark: ["ok", "M4 10.5l4 4L16 6"], heavy_check_mark: ["ok", "M4 10.5l4 4L16 6"], x: ["bad", "M5 5l10 10M15 5L5 15"], warning: ["warn", "M10 3L1.5 17.5h17zM10 8.5v4M10 15v.2"] };

export function svg(path, kind, label) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  node.setAttribute("viewBox", "0 0 20 20");
  node.setAttribute("class", `glyph ${kind}`);
  if (label) { node.setAttribute("role", "img"); node.setAttribute("aria-label", label); } else node.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  node.append(line);
  return node;
}

export const LOCK = "M5 9h10v8H5zM7 9V6.5a3 3 0 016 0V9";

// Return a node or text for a name, undefined where it is not known.
export function emoji(name) {
  if (DRAWN[name]) {
    const dot = document.createElement("span");
    dot.className = DRAWN[name];
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", name.replaceAll("_", " "));
    return dot;
  }
  if (STROKES[name]) return svg(STROKES[name][1], STROKES[name][0], name.replaceAll("_", " "));
  return NAMES[name];
}
