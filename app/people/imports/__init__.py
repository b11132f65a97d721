"""Accounts opened from a list (QN-6.3a): read, judged, entered in the background, told row by row.

A list stands in `RollImport`, its rows in `RollImportRow`. read -> checking -> checked ->
entering -> done; cancelled from any of these before done; failed where all or nothing was asked
for and a row was refused. What the machine does goes on where a process that died left it.
"""
