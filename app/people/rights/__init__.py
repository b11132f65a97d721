"""Who may do what, where and since when: groups, grants, duties, and how each is changed."""
