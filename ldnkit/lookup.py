"""Class tables applied to class layers: every combination of classes gets the table's answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from ldnkit.findings import Finding, InputError
from ldnkit.tables import NODATA

_UNKNOWN = np.int16(32767)


def apply(table: pd.DataFrame, inputs: Sequence[str], output: str, *layers, what: str = "classes"):
    """Look up a class for every cell.

    Parameters
    ----------
    table : DataFrame
        One row per combination of codes; the columns ``inputs`` and ``output`` hold integers.
    inputs : sequence of str
        Column of each layer, in the order of ``layers``.
    output : str
        Column with the answer.
    *layers : DataArray or ndarray of integers, same shape
        Dask arrays stay lazy. Where a layer has no data and the table does not say otherwise,
        the answer is no data.
    what : str
        Name of the classes, for messages.

    Returns
    -------
    DataArray or ndarray, int16

    Raises
    ------
    InputError
        A combination that the table does not know; lists the codes and how many cells hold them.

    Examples
    --------
    >>> table = pd.DataFrame({"from": [1, 2], "to": [-1, 1]})
    >>> apply(table, ["from"], "to", np.array([2, 1, -32768], np.int16)).tolist()
    [1, -1, -32768]
    """
    kernel = Kernel(table, inputs, output, what)
    result = xr.apply_ufunc(
        kernel, *layers, dask="parallelized", output_dtypes=[np.int16], keep_attrs="drop_conflicts"
    )
    if not isinstance(result, xr.DataArray):
        return result
    # units and titles of the layers do not hold for the answer; where it lies does
    place = {name: result.attrs[name] for name in result.attrs if name == "grid_mapping"}
    return result.rename(output).drop_attrs(deep=False).assign_attrs(place)


class Kernel:
    """The table as arrays, ready for many blocks; call it with plain integer arrays."""

    def __init__(self, table: pd.DataFrame, inputs: Sequence[str], output: str, what="classes"):
        self.what = what
        self.codes = [np.union1d(table[name].to_numpy(np.int64), [NODATA]) for name in inputs]
        # one more position on every axis for codes that the table does not know
        answers = np.full([len(codes) + 1 for codes in self.codes], _UNKNOWN)
        for axis, codes in enumerate(self.codes):
            missing = [slice(None)] * len(self.codes)
            missing[axis] = int(np.searchsorted(codes, NODATA))
            answers[tuple(missing)] = NODATA
        places = tuple(
            np.searchsorted(codes, table[name].to_numpy(np.int64))
            for name, codes in zip(inputs, self.codes, strict=True)
        )
        answers[places] = table[output].to_numpy(np.int16)
        self.shape, self.answers = answers.shape, answers.ravel()
        self.position = [_positions(codes) for codes in self.codes]

    def __call__(self, *arrays: np.ndarray) -> np.ndarray:
        result = self.lookup(*arrays)
        unknown = result == _UNKNOWN
        if unknown.any():
            self._complain([np.asarray(array)[unknown] for array in arrays])
        return result

    def lookup(self, *arrays: np.ndarray) -> np.ndarray:
        """Like calling, but unknown combinations get 32767 instead of an error."""
        index = None
        for size, codes, position, array in zip(
            self.shape, self.codes, self.position, arrays, strict=True
        ):
            array = np.asarray(array)
            if array.dtype == np.int16:
                place = position[array.view(np.uint16)]
            elif array.dtype.kind in "iu":
                place = np.searchsorted(codes, array)
                place[place == len(codes)] = 0
                place = np.where(codes[place] == array, place, len(codes))
            else:
                raise TypeError(
                    f"{self.what} need integers: found {array.dtype}; convert with .astype('int16')"
                )
            index = place if index is None else index * size + place
        return self.answers[index]

    def _complain(self, found):
        combinations, cells = np.unique(np.stack(found), axis=1, return_counts=True)
        shown = [
            f"{' and '.join(map(str, codes))} ({count} cells)"
            for codes, count in zip(combinations.T[:12].tolist(), cells.tolist(), strict=False)
        ]
        known = ", ".join(str(code) for code in self.codes[0] if code != NODATA)
        raise InputError(
            [
                Finding(
                    "error",
                    self.what,
                    f"codes that the table does not know: {'; '.join(shown)}",
                    f"codes {known}",
                    "Add them to the table, reclassify the layer, or declare them as no data.",
                )
            ]
        )


def _positions(codes: np.ndarray) -> np.ndarray:
    """Position of every int16 value among the codes; unknown values come after the last."""
    position = np.full(65536, len(codes), np.int32)
    position[codes.astype(np.int16).view(np.uint16)] = np.arange(len(codes), dtype=np.int32)
    return position
