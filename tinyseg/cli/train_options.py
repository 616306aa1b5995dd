"""Options of `tinyseg train`: the network, and how long it learns from what."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

Network: TypeAlias = Annotated[
    str, typer.Option(help="'unet' or 'fcn'; with --encoder 'unet', 'fpn', 'deeplab' or 'lraspp'.")
]
Width: TypeAlias = Annotated[
    str,
    typer.Option(help="Channels of the first block, doubled level by level; or of each level, such as 8,24,64,96."),
]
Depth: TypeAlias = Annotated[
    int | None, typer.Option(help="Number of poolings. (Default: 3, or as often as the encoder halves.)")
]
Decoder: TypeAlias = Annotated[
    str, typer.Option(help="The U-Net's way up: 'paper', or 'light' (less work, learns faster).")
]
Encoder: TypeAlias = Annotated[
    str | None,
    typer.Option(help="A known network as the way down, such as mobilenet_v2, resnet18 or efficientnet_lite0."),
]
Weights: TypeAlias = Annotated[
    str | None, typer.Option(help="What the encoder learnt before: a file, or 'imagenet' (downloaded).")
]
FreezeEncoder: TypeAlias = Annotated[bool, typer.Option("--freeze-encoder", help="Keep the encoder as it is.")]
EncoderRate: TypeAlias = Annotated[float, typer.Option(help="What the encoder's learning rate is multiplied by.")]
Separable: TypeAlias = Annotated[
    bool, typer.Option("--separable", help="A U-Net of separable convolutions: far fewer operations.")
]
Epochs: TypeAlias = Annotated[
    int | None,
    typer.Option(help="Passes over the training images. (Default: 20, or as many as fit into --minutes.)"),
]
Minutes: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Budget of time for training; some steps are measured to see how many epochs fit."),
]
ValFraction: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="Where there is no val/: hold back about this share of train/, or of the folder's own images/ and "
        "masks/, such as 0.2. Which ones depends on their names alone: adding images moves none."
    ),
]
