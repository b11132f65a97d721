"""The registers of users and of customers: searched, counted and saved by criteria (KH-12.4,
KH-12.6).
"""
