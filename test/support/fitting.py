"""Makes the wasmtime package fit for these tests. Imported by keyvalue.py, so
that every test has it, whichever ran before in the same process.

The package asks the library to describe a type anew for every value, passes a
list<u8> one byte at a time, and cannot return the error of a
result<option<_>, _>, since it takes any value for its `none`.
"""
import ctypes
import functools

from wasmtime import _ffi as ffi
from wasmtime.component import _types

_VALUE_BYTES = ctypes.sizeof(ffi.wasmtime_component_val_t)
_BYTE_AT = ffi.wasmtime_component_val_t.of.offset


def _lower_bytes(data, pointer):
    raw = ffi.wasmtime_component_vallist_t()
    ffi.wasmtime_component_vallist_new_uninit(raw, len(data))
    if data:
        values = bytearray(_VALUE_BYTES * len(data))
        values[0::_VALUE_BYTES] = bytes([ffi.WASMTIME_COMPONENT_U8.value]) * len(data)
        values[_BYTE_AT::_VALUE_BYTES] = data
        ctypes.memmove(raw.data, bytes(values), len(values))
    pointer.contents.kind = ffi.WASMTIME_COMPONENT_LIST
    pointer.contents.of.list = raw


def _lift_bytes(value):
    size = value.of.list.size
    data = b""
    if size > 0:
        data = ctypes.string_at(value.of.list.data, size * _VALUE_BYTES)[_BYTE_AT::_VALUE_BYTES]
    ffi.wasmtime_component_vallist_delete(ctypes.byref(value.of.list))
    return data


def _fit_lists():
    lower_list = _types.ListType.convert_to_c
    lift_list = _types.ListType.convert_from_c

    def lower(self, store, value, pointer):
        if self._is_bytes():
            _lower_bytes(value, pointer)
        else:
            lower_list(self, store, value, pointer)

    def lift(self, value):
        return _lift_bytes(value) if self._is_bytes() else lift_list(self, value)

    _types.ListType.convert_to_c = lower
    _types.ListType.convert_from_c = lift


def _fit_options():
    def add_classes(self, classes):
        if self._tagged():
            classes.add(_types.Variant)
            return
        for _, kind in self._cases():
            if kind is None:
                classes.add(type(None))
            else:
                kind.add_classes(classes)

    _types.VariantLikeType.add_classes = add_classes


def _remember(cls, *names):
    """Has these properties computed once for each object."""
    for name in names:
        remembered = functools.cached_property(getattr(cls, name).fget)
        remembered.__set_name__(cls, name)
        setattr(cls, name, remembered)


_fit_lists()
_fit_options()
_remember(_types.FuncType, "params", "result")
_remember(_types.ListType, "element")
_remember(_types.RecordType, "fields")
_remember(_types.TupleType, "elements")
_remember(_types.VariantType, "cases")
_remember(_types.OptionType, "payload")
_remember(_types.ResultType, "ok", "err")
