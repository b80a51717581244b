"""What every server of the OpenAI Realtime protocol (GA) needs, whatever brain it has: the scripted one, and speech.

* ``socket``         the WebSocket underneath: whole messages in and out, and how it ends
* ``configuration``  the session object, checked and merged
* ``input_account``  how much sound the client appended
* ``conversation``   the items
* ``response``       one response, from response.created to response.done
* ``tokens``         usage
* ``refusal``        errors for one event of the client
* ``ids``            names for all of it
"""
