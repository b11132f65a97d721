"""The deep module: runs drawn procedures. It knows BPMN and the database; no web, no network, no scheduler."""
