interface Song {
  tags: string;
  lyrics: string;
}

/** What the benchmark asks music of. */
export const songs: readonly [Song, ...Song[]] = [
  {
    tags: "folk, acoustic guitar, fiddle, male voice, warm, 96 bpm",
    lyrics: `[verse]
I mended the gate with a length of old wire
And carried the kettle back in to the fire
The swallows were late and the barley was thin
But somebody knocked and I let the spring in

[chorus]
Come in, come in, there's a chair by the stove
There's bread from the morning and honey and clove
Come in, come in, leave your boots on the stone
No house is so small you must sit there alone

[outro]
No house is so small`,
  },
  {
    tags: "synth pop, bright, female voice, driving bass, 120 bpm",
    lyrics: `[verse]
Platform nine and the signs don't move
A paper cup and a broken groove
You said eleven, it's a quarter past
I count the windows and they go too fast

[chorus]
Every light on the line turns green, turns green
I can see the city where I've never been
If the night has a door then I've got the key
Every light on the line is a light for me

[bridge]
Green, green, hold on to the rail
Green, green, and a comet tail`,
  },
  {
    tags: "slow blues, slide guitar, organ, husky voice, late night",
    lyrics: `[verse]
Rain in the gutter, it keeps better time than me
Said rain in the gutter, it keeps better time than me
I put on my good coat, I forgot where I should be

[verse]
The clock on the tower has been wrong since I was ten
That clock on the tower has been wrong since I was ten
I like it much better, it is never too late then

[outro]
Never too late then`,
  },
  {
    tags: "sea shanty, choir, stomping, accordion, call and response",
    lyrics: `[verse]
Oh the cook has burnt the porridge and the mate has lost his hat
Haul her round, my steady ones
And the only one who's working is the captain's ginger cat
Haul her round for home

[chorus]
Haul her round, haul her round
There's a light upon the sound
And we'll sleep in beds that do not roll
When we haul her round for home`,
  },
  {
    tags: "hip hop, dusty drums, upright bass, laid back, storytelling, 88 bpm",
    lyrics: `[verse]
Third floor, back stairs, bicycle chain
Grandma's tomatoes in a window of rain
Radio low, cause the neighbour works nights
I learnt to read numbers off the elevator lights

[chorus]
Up we go, up we go, one floor more
There's a smell of fried onions from every door
Up we go, up we go, count the stairs
Nobody's rich here and everyone shares`,
  },
  {
    tags: "lullaby, music box, soft female voice, harp, gentle, slow",
    lyrics: `[verse]
The hedgehog has folded his needles away
The windmill has milled all the wind of the day
The moon puts a saucer of milk on the hill
And one after one all the meadows are still

[chorus]
Sleep, little traveller, sleep where you are
Your bed is a boat and your map is a star`,
  },
  {
    tags: "ambient, felt piano, field recordings, strings, contemplative, instrumental",
    lyrics: "[instrumental]",
  },
  {
    tags: "drum and bass, atmospheric pads, fast breaks, sub bass, 174 bpm, instrumental",
    lyrics: "[instrumental]",
  },
];
