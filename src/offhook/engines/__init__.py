"""The engines: what answers a call. Each opens sessions behind the port in ``calls/engine``.

* ``realtime/``  sessions that speak the OpenAI Realtime protocol, whoever serves it
* ``openai``     OpenAI's own service, or any server that speaks its protocol
* ``local``      ``offhook speech``, on this machine or another
"""
