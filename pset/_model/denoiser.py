"""The denoiser: diffusers' U-Net, which handles device and dtype for you."""

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from diffusers import UNet2DConditionModel
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput


class Denoiser:
    """ε and v from x_t, with DeepFloyd IF's interface, whatever the network's device and dtype.

    A call moves and casts the inputs to the network's device and dtype, and returns float32 on the
    device of `x_t`. So the same code runs on a small network in float32 and on DeepFloyd in
    float16. Everything else (`config`, `parameters`, `attn_processors`, `set_attn_processor`,
    `train`, `to`, …) is the network's own.
    """

    def __init__(self, network: "UNet2DConditionModel", num_timesteps: int = 1000) -> None:
        self.network = network
        self.num_timesteps = num_timesteps

    def __call__(
        self,
        x_t: torch.Tensor,
        t: int | torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        class_labels: int | torch.Tensor | None = None,
        return_dict: bool = True,
        **options: Any,
    ) -> "tuple[torch.Tensor] | UNet2DConditionOutput":
        """Predict the noise in `x_t`, and the variance of the step.

        Args:
            x_t: noisy images `[B, 3, H, W]`; for stage II `[B, 6, H, W]`, the noisy images followed
                by the small images, enlarged to the same size.
            t: timestep 0 … 999, one for all images or one for each, `[B]`.
            encoder_hidden_states: prompt embeddings, `[1, 77, D]` for all or `[B, 77, D]`.
            class_labels: for stage II only: the noise level of the small images, a timestep
                0 … 999, one for all or one for each, `[B]`.
            return_dict: False returns a tuple, as in `unet(…, return_dict=False)[0]`.
            **options: passed on to the network, for example `cross_attention_kwargs`.

        Returns:
            float32 `[B, 6, H, W]` on the device of `x_t`: three channels of noise ε, then three
            channels of v, which interpolates the log-variance between its two bounds (Improved
            DDPM, eq. 15).

        Raises:
            TypeError, ValueError: an input is missing, or has the wrong type, shape or range.
        """
        self._check_images(x_t)
        batch = len(x_t)
        network_inputs = {
            "sample": self._move(x_t),
            "timestep": self._timesteps("t", t, batch),
            "encoder_hidden_states": self._embeddings(encoder_hidden_states, batch),
            "class_labels": self._noise_level(class_labels, batch),
        }
        prediction = self.network(**network_inputs, **options, return_dict=False)[0]
        # The network's own memory layout may be channels last; on that, `view` would fail.
        prediction = prediction.to(x_t.device, torch.float32).contiguous()
        if not return_dict:
            return (prediction,)
        from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput

        return UNet2DConditionOutput(sample=prediction)

    def __getattr__(self, name: str) -> Any:
        # Called only for attributes that this class doesn't have. While a copy is being made,
        # `network` is one of them; looking it up on itself would recurse forever.
        if name == "network":
            raise AttributeError(name)
        return getattr(self.network, name)

    def __repr__(self) -> str:
        return f"Denoiser({type(self.network).__name__}, {self.dtype} on {self.device})"

    def _move(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(self.network.device, self.network.dtype)

    def _check_images(self, x_t: torch.Tensor) -> None:
        if not isinstance(x_t, torch.Tensor):
            raise TypeError(f"x_t must be a torch tensor, not {type(x_t).__name__}.")
        channels = self.network.config.in_channels
        if x_t.ndim != 4 or x_t.shape[1] != channels:
            meaning = (
                "a batch of images [B, 3, H, W]"
                if channels == 3
                else f"[B, {channels}, H, W]: the noisy image, then (in the channel dimension) the "
                "small image, enlarged to the same size"
            )
            raise ValueError(f"x_t must be {meaning}; its shape is {list(x_t.shape)}.")
        if not x_t.is_floating_point():
            raise ValueError(f"x_t must contain floats, about -1 … 1; its dtype is {x_t.dtype}.")

    def _timesteps(self, name: str, value: int | torch.Tensor, batch: int) -> torch.Tensor:
        """Timesteps as integers 0 … 999, one for each image: `[B]` on the network's device."""
        last = self.num_timesteps - 1
        steps = torch.as_tensor(value)
        if steps.is_complex() or (steps != steps.round()).any():
            raise ValueError(f"{name} must be an integer, 0 … {last}; it's {value}.")
        if steps.numel() not in (1, batch) or steps.ndim > 1:
            raise ValueError(
                f"{name} must be one number for all {batch} images or one for each; its shape is "
                f"{list(steps.shape)}."
            )
        if steps.min() < 0 or steps.max() > last:
            raise ValueError(f"{name} must be between 0 and {last}; it's {value}.")
        return steps.to(self.network.device, torch.long).expand(batch)

    def _embeddings(self, embeddings: torch.Tensor | None, batch: int) -> torch.Tensor:
        if embeddings is None:
            raise ValueError(
                "encoder_hidden_states is missing. Pass the embedding of a prompt, or of the empty "
                'prompt, model.prompt_embeds("").'
            )
        if not isinstance(embeddings, torch.Tensor):
            raise TypeError(
                "encoder_hidden_states must be the embedding of a prompt, model.prompt_embeds(…), "
                f"not {type(embeddings).__name__}."
            )
        config = self.network.config
        width = config.encoder_hid_dim or config.cross_attention_dim
        if embeddings.ndim != 3 or embeddings.shape[-1] != width:
            raise ValueError(
                f"encoder_hidden_states must be [B, 77, {width}], like the output of this model's "
                f"prompt_embeds; its shape is {list(embeddings.shape)}."
            )
        if len(embeddings) not in (1, batch):
            raise ValueError(
                f"x_t has {batch} image{'s' * (batch != 1)} and encoder_hidden_states "
                f"{len(embeddings)} prompts. Pass one prompt for all images, or one for each."
            )
        # Real copies, as in diffusers: with a view, matrix products add up in another order, and
        # the last digits differ in float16.
        return self._move(embeddings).expand(batch, -1, -1).contiguous()

    def _noise_level(self, level: int | torch.Tensor | None, batch: int) -> torch.Tensor | None:
        if self.network.config.class_embed_type is None:
            if level is not None:
                raise ValueError("class_labels is for stage II only; this network doesn't take it.")
            return None
        if level is None:
            raise ValueError(
                "class_labels is missing. Stage II needs the noise level of the small image: the "
                "timestep to which you noised it."
            )
        return self._timesteps("class_labels", level, batch)
