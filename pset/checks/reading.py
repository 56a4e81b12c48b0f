"""What to review when an exercise goes wrong: a section of the notebook, and a paper."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """Where an exercise is explained.

    Args:
        section: a heading in its notebook.
        paper: authors, title and section; empty if the notebook is enough.
        url: the paper's address.
    """

    section: str
    paper: str = ""
    url: str = ""


_DDPM = "Ho, Jain and Abbeel, Denoising Diffusion Probabilistic Models"
_DDPM_URL = "https://arxiv.org/abs/2006.11239"

READING: dict[str, Reading] = {
    "1.1": Reading("1.1 The forward process", f"{_DDPM}, equation 4", _DDPM_URL),
    "1.2": Reading("1.2 Classical denoising"),
    "1.3": Reading("1.3 One-step denoising", f"{_DDPM}, equation 15", _DDPM_URL),
    "score": Reading(
        "What the network knows: the score",
        "Song and others, Score-Based Generative Modeling through Stochastic Differential "
        "Equations, section 2",
        "https://arxiv.org/abs/2011.13456",
    ),
    "1.4": Reading("1.4 Iterative denoising", f"{_DDPM}, equations 6 and 7", _DDPM_URL),
    "1.5": Reading("1.5 Sampling", f"{_DDPM}, algorithm 2", _DDPM_URL),
    "1.6": Reading(
        "1.6 The guided estimate",
        "Ho and Salimans, Classifier-Free Diffusion Guidance, equation 6",
        "https://arxiv.org/abs/2207.12598",
    ),
    "1.7": Reading(
        "1.7 How much noise?",
        "Meng and others, SDEdit: Guided Image Synthesis and Editing with Stochastic Differential "
        "Equations, section 3",
        "https://arxiv.org/abs/2108.01073",
    ),
    "1.8": Reading(
        "1.8 Known pixels, unknown pixels",
        "Lugmayr and others, RePaint: Inpainting using Denoising Diffusion Probabilistic Models, "
        "section 4.1",
        "https://arxiv.org/abs/2201.09865",
    ),
    "1.9": Reading(
        "1.9 Two views of one noise",
        "Geng, Park and Owens, Visual Anagrams: Generating Multi-View Optical Illusions with "
        "Diffusion Models, section 3",
        "https://arxiv.org/abs/2311.17919",
    ),
    "1.10": Reading(
        "1.10 Coarse from one, fine from the other",
        "Geng, Park and Owens, Factorized Diffusion: Perceptual Illusions by Noise Decomposition, "
        "section 3",
        "https://arxiv.org/abs/2404.11615",
    ),
    "1.11": Reading(
        "1.11 Stage II",
        "Ho and others, Cascaded Diffusion Models for High Fidelity Image Generation",
        "https://arxiv.org/abs/2106.15282",
    ),
}
"""By exercise."""
