"""The arrays that learning works on: numbers are float64, places in them int64."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
