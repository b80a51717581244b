"""Agents to try and to copy, each whole in one file: a restaurant, a shop, and a front desk.

    offhook serve offhook.examples.table_booking:agent
    offhook serve offhook.examples.order_status:agent
    offhook serve offhook.examples.call_transfer:agent

They speak through any engine. A model goes by the instructions and the tools' docstrings; an engine without one also
by the tools' types, ``phrases`` and the agent's ``examples``.
"""
