"""The funding rules as data: the register of clauses, the rulebooks with their dated values, and the schemas."""
