"""The windows of CONV and of pools: which pixel a tap reads."""

from dataclasses import dataclass

from lockstep.ir.graph import Node
from lockstep.proof.arithmetise.loops import Access, Coordinate, Extents


@dataclass(frozen=True, slots=True)
class Window:
    """Geometry of a node over images ``[N, H, W, C]``."""

    images: int
    height: int
    width: int
    channels: int
    kernel: tuple[int, int]
    strides: tuple[int, int]
    pads: tuple[int, int]
    dilations: tuple[int, int]
    result: tuple[int, int]

    @staticmethod
    def of(node: Node) -> "Window":
        height, width, channels, kernel_height, kernel_width, _, sh, sw, pt, pl, dh, dw = node.attributes[:12]
        return Window(
            images=node.shape[0],
            height=height,
            width=width,
            channels=channels,
            kernel=(kernel_height, kernel_width),
            strides=(sh, sw),
            pads=(pt, pl),
            dilations=(dh, dw),
            result=(node.shape[1], node.shape[2]),
        )

    @property
    def outer(self) -> Extents:
        """Loops over the result of a pool."""
        return {"image": self.images, "y": self.result[0], "x": self.result[1], "channel": self.channels}

    def rows(self, tap: str | int) -> Coordinate:
        """The image row of result row ``y`` and a tap: a loop or a number."""
        return self._along(0, "y", tap, self.height, self.width * self.channels)

    def columns(self, tap: str | int) -> Coordinate:
        """The image column of result column ``x`` and a tap."""
        return self._along(1, "x", tap, self.width, self.channels)

    def _along(self, axis: int, name: str, tap: str | int, extent: int, stride: int) -> Coordinate:
        steps, offset = {name: self.strides[axis]}, -self.pads[axis]
        if isinstance(tap, str):
            return Coordinate(extent, stride, {**steps, tap: self.dilations[axis]}, offset)
        return Coordinate(extent, stride, steps, offset + tap * self.dilations[axis])

    def taps(self, u: str | int, v: str | int) -> Access:
        """The pixel of a tap, in the channel of the result."""
        return (*self.image, self.rows(u), self.columns(v), Coordinate(self.channels, 1, {"channel": 1}))

    @property
    def image(self) -> Access:
        return (Coordinate(self.images, self.height * self.width * self.channels, {"image": 1}),)

    @property
    def reaches_outside(self) -> bool:
        """Whether some tap of some window is outside the image."""
        loops = {**self.outer, "u": self.kernel[0], "v": self.kernel[1]}
        return self.rows("u").leaves(loops) or self.columns("v").leaves(loops)
