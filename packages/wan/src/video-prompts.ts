/** What the benchmark asks videos of. */
export const videoPrompts = [
  "A ferry leaves a harbour at sunrise, gulls wheel above its wake, the camera rises slowly",
  "A potter pulls a tall vase from spinning clay, hands wet, warm light, close-up",
  "Snow slides from a pine branch that springs back up, a startled jay flies off",
  "A night train crosses a viaduct, lit windows mirrored in the river below, tracking shot",
  "A grey cat walks along a garden wall, stops, and looks over its shoulder into the camera",
  "Ink is poured into clear water and unfolds in slow motion against a white background",
  "A cyclist rides through a poppy field in strong wind, the camera follows at knee height",
  "A baker slides loaves into a stone oven, flour drifts through a beam of light",
  "Storm clouds gather over a wheat field in time lapse, the shadows race towards the viewer",
  "A paper lantern lifts off from a crowded square and drifts over tiled roofs",
  "A robot arm waters seedlings in a glasshouse while rain runs down the panes",
  "Waves roll under a wooden pier, seen from the water line, sunlight flickers between the planks",
  "A dancer in a yellow coat turns under a street lamp as the first drops of rain fall",
  "A hot air balloon is filled on a frosty meadow, the burner flares, people step back",
] as const;
