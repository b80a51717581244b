"""The door: everything that comes in over HTTP and WebSocket.

* ``access``    who may come in
* ``limits``    how much they may bring
* ``http``      uvicorn's HTTP, with limits to what comes before the application
* ``slot``      media upgrades go to picows, all others to uvicorn
* ``media``     which call a media stream is for, and if it may have it
* ``webhooks``  what Twilio asks
* ``api``       what people and programs ask: place, list, show, hang up
* ``live``      what happens on calls, as it happens
* ``health``    alive, and taking calls
* ``app``       all of these together
* ``server``    uvicorn around it, and what a signal to stop means
"""
