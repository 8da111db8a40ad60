"""Word lists of the story grammar and of the synthetic tasks. Plots name them in capitals."""


def _words(text):
    return text.split()


def _phrases(text):
    return [phrase.strip() for phrase in text.split(",")]


GIRLS = _words(
    "Lily Mia Anna Rosie Ella Sara Lucy Emma Daisy Molly Zoe Nora Ivy Amy Ruby Clara Hana Lena "
    "Sophie Maya"
)
BOYS = _words(
    "Tom Ben Max Sam Tim Jack Leo Finn Noah Oscar Luke Dan Theo Billy Hugo Omar Peter Will Eli "
    "Charlie"
)
ANIMAL_NAMES = _words(
    "Pip Bella Rusty Coco Fluffy Benny Hoppy Willow Ollie Tilly Buddy Nibbles Pepper Toby Gus "
    "Milo Dotty Sandy Biscuit Fern"
)
NAMES = GIRLS + BOYS + ANIMAL_NAMES
ANIMALS = _words(
    "rabbit fox bear mouse squirrel turtle frog duck hedgehog owl deer beaver kitten puppy lamb "
    "badger otter mole sparrow pony"
)
COLORS = _words("red blue green yellow purple orange pink white brown silver golden")
TOYS = _phrases(
    "ball, kite, teddy bear, toy car, doll, drum, toy boat, wooden train, hat, scarf, book, bell, "
    "marble, whistle, paint box, music box, spinning top, balloon"
)
FOODS = _phrases(
    "apple pie, chocolate cake, carrot soup, strawberry jam, honey bread, pumpkin pie, blueberry "
    "muffins, banana pancakes, oat cookies, mushroom soup, cherry tart"
)
SNACKS = _words("apple pear carrot berry cherry peach nut plum cookie sandwich")
INGREDIENTS = _words("flour sugar milk butter eggs honey salt")
PLACES = _phrases(
    "park, garden, forest, meadow, beach, farm, field, village, river bank, hill, playground, "
    "lake"
)
FAR_PLACES = _words("forest hill lake meadow field")
HIDING_PLACES = _phrases(
    "under the big oak tree, behind the old shed, inside a hollow log, under the bed, in the tall "
    "grass, next to the pond, behind a bush, on top of the hay, under a pile of leaves, in the "
    "flower bed, beside the wooden fence, in the bottom of the basket"
)
TRAITS = _words(
    "kind brave curious cheerful gentle clever shy happy playful quiet friendly silly careful "
    "helpful"
)
WEATHER = _words("sunny bright warm windy cloudy cool lovely quiet beautiful frosty")
PASTIMES = _phrases(
    "play outside, sing songs, run in the grass, read books, pick flowers, look at the clouds, "
    "dance, paint pictures, climb trees, collect shiny stones, splash in puddles, help others, "
    "tell jokes, count the stars, listen to stories, build little houses"
)
DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
NUMBERS = _words("zero one two three four five six seven eight nine ten")
CITIES = _words("Berlin Paris London Rome Oslo Vienna Madrid Prague Bern Dublin")
VARIABLES = _words(
    "x y n m total count value item word name data result items words numbers text size limit "
    "index price"
)
COMMON_WORDS = set(
    _words(
        "the a an and or but to of in on at he she it they them his her was were is are had has "
        "have with for that this as said so then when not be by from up down out very all there i "
        "you we my your did do would could into one who what him their if no yes time day once "
        "upon little named went like liked loved"
    )
)
