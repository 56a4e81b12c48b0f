"""Answers to 2.23b, an edit."""

from tests.pset.checks.unseen_hands import right, wrong


@right("2.23b")
def in_one_line(image, source, target, scale, prompted, walk, timesteps):
    return walk(
        walk(image, prompted(source, 1), timesteps), prompted(target, scale), timesteps[::-1]
    )


@right("2.23b")
def in_a_loop(image, source, target, scale, prompted, walk, timesteps):
    falling = sorted(timesteps, reverse=True)
    for prompt, guidance, path in ((source, 1, timesteps), (target, scale, falling)):
        image = walk(image, prompted(prompt, guidance), path)
    return image


@wrong("2.23b", "Guides on the way up, too.")
def guided_up(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(source, scale), timesteps)
    return walk(noise, prompted(target, scale), timesteps[::-1])


@wrong("2.23b", "The prompts are exchanged: up with the target, down with the source.")
def prompts_exchanged(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(target, 1), timesteps)
    return walk(noise, prompted(source, scale), timesteps[::-1])


@wrong("2.23b", "Walks up twice: the timesteps aren't turned round for the way down.")
def up_and_up(image, source, target, scale, prompted, walk, timesteps):
    up, down = prompted(source, 1), prompted(target, scale)
    return walk(walk(image, up, timesteps), down, timesteps)


@wrong("2.23b", "Uses the target prompt both ways.")
def target_both_ways(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(target, 1), timesteps)
    return walk(noise, prompted(target, scale), list(reversed(timesteps)))


@wrong("2.23b", "Walks down from the photograph itself, without going up first.")
def only_down(image, source, target, scale, prompted, walk, timesteps):
    return walk(image, prompted(target, scale), timesteps[::-1])


@wrong("2.23b", "Doesn't guide on the way down.")
def never_guided(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(source, 1), timesteps)
    return walk(noise, prompted(target, 1), timesteps[::-1])


@wrong("2.23b", "Goes up with scale 0, which is the null prompt, instead of 1.")
def scale_zero(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(source, 0), timesteps)
    return walk(noise, prompted(target, scale), timesteps[::-1])


@wrong("2.23b", "Turns the caller's own list round.")
def reverses_list(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(source, 1), timesteps)
    timesteps.reverse()
    return walk(noise, prompted(target, scale), timesteps)


@wrong("2.23b", "Returns the photograph's noise: the way down's result is thrown away.")
def result_not_kept(image, source, target, scale, prompted, walk, timesteps):
    image = walk(image, prompted(source, 1), timesteps)
    walk(image, prompted(target, scale), timesteps[::-1])
    return image


@wrong("2.23b", "Leaves the top timestep out on the way down, where the noise is.")
def below_the_top(image, source, target, scale, prompted, walk, timesteps):
    noise = walk(image, prompted(source, 1), timesteps)
    return walk(noise, prompted(target, scale), timesteps[-2::-1])
