"""Windows' energy meters as devices: how they are found, opened and asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# emi.h of the Windows SDK.
METER = "{45BD8344-7ED6-49CF-A440-C276C933B053}"
GENERIC_READ, SHARE_READ_WRITE, OPEN_EXISTING = 0x80000000, 0x3, 3
PRESENT, SUCCESS = 0, 0


class EmiDevice:
    """One energy meter of Windows, opened.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        import ctypes

        self._ctypes: Any = ctypes
        self._kernel = self._ctypes.WinDLL("kernel32", use_last_error=True)
        self._kernel.CreateFileW.restype = ctypes.c_void_p
        handle = self._kernel.CreateFileW(
            path, GENERIC_READ, SHARE_READ_WRITE, None, OPEN_EXISTING, 0, None
        )
        if handle in (None, ctypes.c_void_p(-1).value):
            raise OSError(f"{path} does not open (error {self._ctypes.get_last_error()})")
        self._handle: Any = ctypes.c_void_p(handle)

    def ask(self, code: int, size: int) -> bytes:
        """The answer to a control code, of at most so many bytes.

        Raises:
            OSError: the meter refuses.
        """
        answer = self._ctypes.create_string_buffer(size)
        got = self._ctypes.c_ulong(0)
        done = self._kernel.DeviceIoControl(
            self._handle, code, None, 0, answer, size, self._ctypes.byref(got), None
        )
        if not done:
            raise OSError(f"the meter refuses (error {self._ctypes.get_last_error()})")
        return bytes(answer.raw[: got.value])

    def close(self) -> None:
        """Close it; harmless when called twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._kernel.CloseHandle(handle)


def meters() -> list[str]:
    """The paths of the energy meters that are present."""
    import ctypes

    library: Any = ctypes
    manager = library.WinDLL("cfgmgr32")
    guid = (ctypes.c_ubyte * 16)()
    library.WinDLL("ole32").CLSIDFromString(METER, ctypes.byref(guid))
    length = ctypes.c_ulong(0)
    code = manager.CM_Get_Device_Interface_List_SizeW(
        ctypes.byref(length), ctypes.byref(guid), None, PRESENT
    )
    if code != SUCCESS or length.value <= 1:
        return []
    paths = ctypes.create_unicode_buffer(length.value)
    code = manager.CM_Get_Device_Interface_ListW(ctypes.byref(guid), None, paths, length, PRESENT)
    if code != SUCCESS:
        return []
    return [path for path in ctypes.wstring_at(paths, length.value).split("\0") if path]
