"""Windows' own calls, answered by libraries of the same shape."""

import ctypes

import pytest

from ipyfootprint.sensors.emi_device import EmiDevice, meters


class Library:
    """Functions of a Windows library: what is not named answers 0."""

    def __init__(self, **functions):
        self.calls = []
        for name, function in functions.items():
            setattr(self, name, self._noted(name, function))

    def _noted(self, name, function):
        def call(*arguments):
            self.calls.append(name)
            return function(*arguments)

        return call


@pytest.fixture
def windows(monkeypatch):
    """Puts libraries in the place of Windows'."""

    def put(**libraries):
        monkeypatch.setattr(ctypes, "WinDLL", lambda n, **_: libraries[n], raising=False)
        monkeypatch.setattr(ctypes, "get_last_error", lambda: 5, raising=False)

    return put


def kernel(handle=7, answer=b"\x01\x02"):
    def control(_handle, _code, _in, _in_size, buffer, size, got, _overlapped):
        if answer is None:
            return 0
        buffer.raw = answer.ljust(size, b"\0")
        got._obj.value = len(answer)
        return 1

    def create(path, *_):
        return handle

    return Library(CreateFileW=create, DeviceIoControl=control, CloseHandle=lambda handle: 1)


def test_a_meter_answers_with_as_many_bytes_as_it_has(windows):
    library = kernel()
    windows(kernel32=library)
    meter = EmiDevice(r"\\?\meter")
    assert meter.ask(0x224000, 16) == b"\x01\x02"
    meter.close()
    meter.close()
    assert library.calls == ["CreateFileW", "DeviceIoControl", "CloseHandle"]


@pytest.mark.parametrize("handle", [None, ctypes.c_void_p(-1).value])
def test_a_meter_that_does_not_open_says_which_and_why(windows, handle):
    windows(kernel32=kernel(handle))
    with pytest.raises(OSError) as error:
        EmiDevice("meter")
    assert str(error.value) == "meter does not open (error 5)"


def test_a_meter_that_refuses_says_why(windows):
    windows(kernel32=kernel(answer=None))
    with pytest.raises(OSError) as error:
        EmiDevice("meter").ask(1, 4)
    assert str(error.value) == "the meter refuses (error 5)"


def listed(*paths, size_code=0, list_code=0):
    text = "".join(f"{path}\0" for path in paths) + "\0"

    def size(length, guid, _name, flags):
        length._obj.value = len(text)
        return size_code

    def fill(_guid, _name, buffer, length, flags):
        for place, letter in enumerate(text):
            buffer[place] = letter
        return list_code

    return {
        "cfgmgr32": Library(
            CM_Get_Device_Interface_List_SizeW=size, CM_Get_Device_Interface_ListW=fill
        ),
        "ole32": Library(CLSIDFromString=lambda text, guid: 0),
    }


def test_every_meter_that_is_present_is_listed(windows):
    windows(**listed("a meter", "another"))
    assert meters() == ["a meter", "another"]


@pytest.mark.parametrize("library", [listed(), listed("a", size_code=1), listed("a", list_code=1)])
def test_where_windows_lists_none_there_is_none(windows, library):
    windows(**library)
    assert meters() == []
