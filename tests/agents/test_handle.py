from offhook.agents.handle import CallHandle


def test_an_object_with_all_its_members_is_a_call_handle(call: CallHandle) -> None:
    assert isinstance(call, CallHandle)


def test_an_object_without_them_is_not() -> None:
    assert not isinstance("call-1", CallHandle)
