"""What a message can say about an answer, by a short name for each idea.

A pattern is looked for in each sentence of a message by itself, whatever its case. It's met by the
words for the idea, not by one sentence alone, so that a message may be written better. An idea with
a blank, such as "unused …", is about an argument: "unused seed".
"""

IDEAS = {
    # --- weights, roots, signs ---
    "no root": r"square root is missing|need the square root|not their square roots"
    r"|look like ᾱ_t and 1 − ᾱ_t themselves|σ², not by σ|divide by σ_t² = ",
    "noise's root missing": r"root is missing around 1 − ᾱ|weight `noise` with 1 − ᾱ_t;",
    "image's root missing": r"root is missing around (?:ᾱ|`alphas)|weight `im` with ᾱ_t;",
    "a root too many": r"root too many|taken? (?:the|a) (?:square )?root twice|√√",
    "1 − √ᾱ": r"1 − √ᾱ",
    "ᾱ and 1 − ᾱ swapped": r"swapped the two weights|mixed up ᾱ_t and 1 − ᾱ_t"
    r"|swapped ᾱ_t and 1 − ᾱ_t|√ᾱ_t, the weight of the image",
    "weights swapped": r"swapped the (?:two )?weights|other's weight",
    "sign": r"wrong sign|sign of|wrong way round|minus is missing|direction is opposite"
    r"|add the noise estimate|opposite signs?",
    "image at full strength": r"image.*full strength|full strength.*image|keep their full strength"
    r"|image isn't scaled|factor is missing: √ᾱ|weight `im` with 1;",
    "noise at full strength": r"noise.*full strength|factor is missing: √\(1 − ᾱ"
    r"|how much of it is in x_t|weight `noise` with 1;|noise isn't scaled",
    "half the noise": r"half (?:its|the) strength|`noise`.*half|halve",
    "brackets": r"bracket|divided? (?:only|just)|only .* divided|weight `noise` with .*√ᾱ_t·",
    "not divided by √ᾱ": r"still as faint|don't divide by √ᾱ|isn't divided by √ᾱ",
    "multiplied for divided": r"multiply .* where you should divide|on the wrong side",
    "√(1 − ᾱ) for √ᾱ below": r"divided? (?:it )?by √\(1 − ᾱ|wrong denominator",
    "cumulated twice": r"cumulative product already|multiplied .* up once more",
    "single step's α": r"single step|one step of|t to t − 1|β_t is how much|α_t belongs",
    # --- timesteps and schedules ---
    "neighbouring timestep": r"neighbour|off by one|one entry too|one too (?:many|few)"
    r"|timestep (?:before|after)|timestep too (?:early|late)",
    "network told another timestep": r"(?:tell|told|ask).*(?:timestep|\bt\b)|timestep.*(?:network|UNet)"
    r"|(?:call|asked?) .*`?(?:unet|estimate|model)\w*`?.*(?:timestep|with the right `?t)",
    "read backwards": r"backwards|revers|clean end|wrong end|end of the list",
    "not the given schedule": r"schedule from outside|notebook's schedule|course's schedule"
    r"|stage I's schedule|another `alphas_cumprod`|also uses `alphas|another schedule"
    r"|schedule.*you're given|`alphas_cumprod` you're given|whatever `alphas_cumprod` says",
    "ᾱ of step 0": r"ᾱ_0|timestep 0|step 0|alphas_cumprod\[0\]|t = 0",
    "index for timestep": r"\bindex\b.*timestep|timestep.*\bindex\b|as a timestep",
    "timesteps not the given ones": r"`timesteps` says|another `timesteps`|`timesteps` you're given"
    r"|from one of `timesteps`|don't use .*`timesteps`",
    "skips the first": r"skip the first|begins? .*late|starts? .*late|timestep too late|seem to use 1\b"
    r"|`i_start` is off by one",
    "last step missing": r"last step is missing|never reach the last|one step too few",
    "goes too far": r"go on to t = 0|one step too (?:many|far)|clean estimate.*end|after the last",
    "one step only": r"(?:single|one|first) step(?! too)|only one step|return.*inside the loop",
    "off the list": r"strided_timesteps|your list|list of timesteps|990|999|steps? of 30",
    # --- arguments ---
    "unused …": r"(?:another|use the|using the|whatever) `{0}`|`{0}`[^.]*(?:isn't used|all zeros)"
    r"|doesn't depend on `{0}`|ignore `{0}`|if `{0}` were|^`{0}` doesn't enter|with `{0}` = ",
    "first of … for all": r"first (?:`{0}`|one's|image's).*(?:batch|all)|first of `{0}`"
    r"|batch comes? out as the first|images? of a batch comes? out differently"
    r"|right for one image",
    "first for all": r"the first (?:one|image|`\w+`).*(?:batch|all)|batch comes? out as the first"
    r"|images? of a batch comes? out differently|right for one image|each (?:image|one) (?:has|needs)",
    "batch's size": r"should be \d+ in the batch|lost the batch dimension",
    "… clamped": r"(?:clamp|clip)\w* (?:the )?`?{0}`?|linear in `{0}`",
    "clamped": r"clamp|clip",
    "… in [0, 1]": r"`?{0}`? to \[0, 1\]|`{0}`.*\[0, 1\]",
    "result in [0, 1]": r"\[0, 1\]",
    "… and … swapped": r"swapped `{0}` and `{1}`|swapped `{1}` and `{0}`|`{0}` where `{1}` belongs",
    "… for …": r"used `{0}` where `{1}` belongs|`{0}` (?:instead of|in place of) `{1}`",
    "in place": r"in place",
    "half precision": r"float16|half precision|bfloat16",
    "8 bits": r"8-bit|256 levels",
    "normalised": r"normalis|standardis|standard deviation of|unit length",
    "… normalised": r"normalis\w* `{0}`|isn't linear in `{0}`|standardis",
    # --- noise ---
    "own noise": r"your own noise|fresh noise|draw(?:s|ing)? random numbers|global generator"
    r"|noise doesn't come from|use the (?:noise|seed) (?:that )?you're given|another `noise`"
    r"|use `pset\.(?:step_)?noise`",
    "uniform": r"uniform",
    "same noise every step": r"same noise (?:in|at|for|to)? ?(?:each|every)|each step.*own noise"
    r"|every step.*(?:own|new|other|different) noise|all steps",
    "same noise for all": r"same noise|each one needs its own|noise.*first.*(?:batch|all)"
    r"|batch comes? out as the first",
    "noise accumulates": r"more noise|once more|several times|step by step|once, before|again",
    "one channel's noise": r"one channel|first channel|colou?rs? share|all (?:three )?(?:channels|colou?rs)",
    "no noise": r"no(?:t any)? noise|don't add any noise|without noise|has no noise|image to the loop as it is"
    r"|without any|noise.*missing|third term|missing: .*noise|noise doesn't enter|`noise` doesn't enter"
    r"|if `noise` were",
    "noise after the last step": r"after the last step|noise.*last step",
    "weaker noise": r"only as strong|standard normal|too weak|half its strength|factor",
    "seed off": r"`seed` is off|another seed|the seed you're given",
    # --- the network and its output ---
    "variance for noise": r"wrong half|variance instead of|variance channels? (?:for|as|instead)",
    "six channels": r"six channels",
    "wrong channels": r"first three|every (?:other|second) channel|which (?:three )?channels|BGR"
    r"|red and blue|channels? (?:in )?(?:the )?(?:reverse|wrong) order",
    "network's input changed": r"(?:network|estimate|unet)s? (?:look|see|sees|looks|get|gets|ask)\b.*"
    r"|image before the (?:network|estimate)|into the network|another image|different images",
    "looks at the start": r"start(?:ing)? image|hasn't been updated|always the same image|current image"
    r"|`image` where|every step.*(?:same|start)|x_T where|`x_T` in every",
    "network not used": r"another `(?:model|prompt_embeds|estimate)`|(?:never|don't|doesn't) (?:use|ask|call) "
    r"the (?:network|model)|without the network",
    "noise returned": r"return (?:the )?(?:network's )?(?:noise|−ε)|−ε",
    "clean estimate returned": r"clean (?:estimate|image)",
    "clean estimate": r"clean estimate",
    "predicted variance": r"(?:predicted|network's) variance|variance channels|`?step_variance`?",
    "prompt": r"another `prompt_embeds`|`prompt_embeds`.*(?:zeros|default|null)|null prompt's",
    "result of denoise not used": r"another `denoise`|don't (?:call|use|return).*`?denoise|noise itself"
    r"|noisy image|haven't (?:denoised|called)",
    "more than once": r"twice|more than once|second time|once more|again|only once|each index",
    # --- results ---
    "result clamped": r"clamp|clip|isn't linear",
    "several results": r"return \d+ results|only one is asked|results have|list",
    "shape": r"has shape|should be \d+ in the batch|have shapes",
    "returns nothing": r"return(?:s)? None|forg[eo]t.* `?return|NoneType",
    "two results wanted": r"return two results|two results|as a tuple",
    "results swapped": r"wrong order|in reverse|results? swapped|swapped two results",
    "one tensor": r"one tensor of",
    "borrowed": r"does this exercise for you",
    "channels last": r"channels come last|should come second",
    "not the same each time": r"something else each time|random numbers",
    # --- blur ---
    "border dark": r"border.*(?:fade|dark|weak|0)|outside the image|beyond the border|too weak there",
    "weights don't sum to one": r"weights sum|sum to (?:one|1)|normalised|flat (?:colou?r|image)"
    r"|times (?:as bright|the expected)|brighter|darker",
    "not a Gaussian": r"fall off like a Gaussian|(?:not|isn't) a Gaussian|box filter|plain mean",
    "median": r"median|weighted mean",
    "high pass": r"high.pass|what the blur (?:takes|removes)|what's left|minus the blur",
    "sharpened": r"sharpen|negative weights|isn't a blur|more noise|stronger contrast",
    "channels mixed": r"over colou?rs|each channel on its own|trace in the others|channels? (?:too|as well)"
    r"|grey",
    "moved": r"moved|isn't centred|shift|pixel further",
    "no padding": r"without padding|padding",
    "one direction": r"one direction|only (?:along|horizontal|vertical)|rows only|columns only|round",
    "too weak a blur": r"nothing is blurred|comes back exactly|so weak|too weak|hardly",
    "too strong a blur": r"too (?:strong|wide|much)|smaller σ|nothing (?:is )?left|mean colou?r",
    "depends on the image": r"depends? on the (?:image|pixel|content)|isn't linear|not linear|weighted mean",
    "depends on the place": r"interpol|resiz|shrink|from place to place|depends on where",
    "scrambled": r"scrambl|reshape|permute|order of the (?:axes|dimensions)|mixed up",
    "one channel only": r"(?:first|one|red|only) channel|other channels|channels.*(?:not|un)blurred|blue",
    "border not blurred": r"border.*(?:nothing|not|un) ?(?:is )?blurred|border, nothing|frame",
    "input mixed in": r"part of the (?:input|image)|half (?:of )?the (?:input|image)|input.*left"
    r"|average.*(?:input|image)|halfway",
    "mirrored": r"mirror|left to right|left and right",
    "range stretched": r"stretch|contrast|normalis|isn't linear|not linear|depends on the image",
    "drawn at random": r"random|something else each time",
    # --- guidance ---
    "no guidance": r"no guidance|conditional estimate alone|another `(?:null_embeds|scale)`"
    r"|without guidance",
    "estimates swapped": r"swapped the two estimates|swapped `(?:prompt|null)_embeds` and"
    r"|away from the prompt|difference the wrong way round",
    "starts from the conditional": r"from the conditional|with γ = 1",
    "estimate missing": r"term is missing|with γ = [01]|isn't added|both prompts are the same|another `null_embeds`",
    "null estimate lost": r"another `null_embeds`|with γ = 0|both prompts are the same|difference"
    r"|term is missing",
    "guided variance": r"guide the variance",
    "null variance": r"variance is the null",
    "mean variance": r"variance.*(?:mean|average)|average.*variance|mean.*variance",
    "scale fixed": r"γ is always \d|`scale` says|another `scale`|default, 7|seem to use 7",
    "averaged": r"(?:average|mean of) the two|average the|take the mean",
    "prompts' embeddings guided": r"embedding|run the network (?:only )?once|two estimates",
    "kept from before": r"hasn't been updated|different images|once, before|every step|each step",
    "only part of the way": r"only (?:in|for|at) (?:some|part|half)|every step|half of the",
    "results guided": r"at the end|whole loops?|in(?:side)? (?:the loop|each step|every step)|every step",
    "i_start unused": r"another `i_start`|`i_start`|haven't told it i_start|always starts",
    "start index": r"which index|tell the loop|starts? (?:too )?(?:late|early)|`i_start`|\bindex\b",
    "from the clean end": r"clean end|backwards|revers",
    "noised again": r"noise.*again|noisy already|noise.*once more|add noise",
    "mixed with the original": r"blend|mix(?:ed)? (?:with|in)|half (?:of )?the (?:original|image)|average",
    # --- inpainting ---
    "mask inverted": r"mask.*(?:wrong way round|other way round|inverted)",
    "end not exact": r"not exactly|even t = 0|original's own",
    "pasted at the end only": r"only once, at the end",
    "clean pasted": r"without noise|without any",
    "pasted at t": r"noise of t;|already at t′",
    "other noise pasted": r"fresh noise|noise you're given|another noise",
    "start": r"\bstarts?\b|pure noise|begins? (?:from|with)",
    "mask left out": r"mask.*(?:missing|left out|forgot)|(?:missing|forgot|without).*mask|mask of (?:ones|zeros)"
    r"|masked",
    "original not pasted": r"aren't the original's|another `original`|current image|`original`",
    "estimate changed": r"estimate.*(?:mask|zero|replace|change)|pasted?\b.*(?:nothing|anything)|don't paste",
    "surroundings hidden": r"surround|black|what's around it|zeros",
    "not every step": r"every (?:other|second|step)|after every|some steps|only some",
    "noise at the end": r"aren't the original's|noise.*end|`noise` where|original's own",
    "mask softened": r"soft|edge|mask.*(?:blur|between)",
    "hole returned": r"aren't the original's|return what you've pasted|missing",
    # --- anagrams, hybrids ---
    "not turned back": r"flip the second estimate's outputs? back|turned? back|don't flip.*back",
    "answers turned only": r"right way up, and you flip",
    "not turned": r"both estimates look at the image the right way up",
    "variance not turned": r"variance.*(?:as it comes|upside down|flip)",
    "noise not turned": r"noise.*(?:as it comes|upside down|flip|turn)",
    "half a turn": r"180|half a turn",
    "quarter turn": r"90|quarter",
    "transposed": r"transpos|height and width",
    "wrong axis": r"which of the four|wrong (?:axis|dimension)|channels?.*(?:flip|revers)|flip.*channels?",
    "batch flipped": r"images of your batch|mixed up the images|wrong (?:axis|dimension)|which of the four"
    r"|a batch comes? out differently",
    "variance of the first": r"variance is the first",
    "variance of the second": r"variance is the second",
    "variance not the mean": r"variance.*(?:mean|average)",
    "sum for mean": r"add the two|sum|instead of averaging|twice as strong|2 times|isn't divided|don't divide",
    "views swapped": r"swapped the two (?:views|prompts)|swapped `estimate",
    "upside down": r"upside down",
    "negative": r"negative|minus|sign",
    "one view at a time": r"altern|at a time|another `estimate|every step|both views",
    "halves": r"half of the (?:image|picture)|upper|lower|top and bottom halves",
    "unequal weights": r"weights?\b|average|equal",
    "larger variance": r"larger|max",
    "mean over pixels": r"over (?:all |the |its )?pixels|same value everywhere|constant",
    "chained": r"chain|first one's (?:noise|output)|estimate's output|what the first",
    "√2": r"√2|1\.41|average|mean",
    "both low": r"low-pass both",
    "second whole": r"second estimate goes in whole",
    "first whole": r"first estimate.*(?:whole|low-pass|as it is)|fine part.*first",
    "fine part alone": r"coarse part is missing|another `estimate_low`|term is missing",
    "coarse part alone": r"fine part is missing|another `estimate_high`|term is missing",
    "halved": r"halv|0\.5|divide.*2|half",
    "variance split": r"split the variance",
    "variance blurred": r"(?:blur|smooth)\w* the variance|variance.*blur",
    "image blurred": r"blur the image before",
    "σ 1": r"σ = 1",
    "σ of the kernel": r"wider than σ = 2",
    "two σ": r"two (?:different )?σ|same σ|same blur|different blurs?|twice with",
    "σ by t": r"σ.*(?:depend|grow|`t`|\bt\b)",
    "small kernel": r"kernel.*(?:small|short|3\b)|(?:small|short)\w* kernel",
    "kernel for σ": r"33 pixels as σ|kernel.*and.*σ",
    "blurred twice": r"blur\w* twice|twice",
    "mix blurred": r"blur\w* .*(?:whole|result|mix|sum)|low-pass both",
    "fine part doubled": r"fine part.*(?:twice|double|strong)|twice",
    "product": r"multipl|product",
    "fine part of the image": r"split into coarse and fine is ε|`x_t`|another `estimate_high`",
    "by time": r"altern|both|another `estimate|at every|every step",
    # --- stage II ---
    "pixels repeated": r"repeating pixels",
    "another enlargement": r"enlarg\w* .*(?:bilinear|smooth|bicubic|another)|bilinear|interpol",
    "corners not aligned": r"align_corners",
    "size": r"shape|size",
    "noised before enlarging": r"before (?:you )?enlarg|enlarge.*(?:first|noise)|noise.*enlarged too",
    "small not noised": r"has no noise in it",
    "noise of x_T": r"same noise that x_T|swapped `x_T` and `noise`|`x_T` where `noise`",
    "noise level fixed": r"noise level is always|`noise_level`",
    "told no noise": r"that it has none",
    "noise by hand": r"forward process|schedule|root",
    "fresh noise every step": r"new noise at every step|something else each time",
    "noised to t": r"noise of t\b|noise level.*(?:same|stay)",
    "told t": r"timestep of x_t instead",
    "level for t": r"noise level (?:where|instead|as)|used `noise_level`",
    "order of the six": r"swapped x_t and the enlarged|channels.*order|order.*channels|six channels",
    "small picture left out": r"another `image_64`|`image_64`|enlarged image twice|x_t twice|doesn't see",
    "null run's picture": r"null.*(?:image|picture|six)|both (?:runs|estimates).*(?:image|picture)",
    "bilinear": r"bilinear|interpol",
    "another picture in the channels": r"step before|previous|prepare it once|enlarged image.*(?:every|same)",
    "enlargement added": r"add\w* the enlarge|enlarge\w*.*added|difference",
    "network never asked": r"another `(?:model|x_T|noise|prompt_embeds)`|never|don't (?:ask|call|use)",
}
