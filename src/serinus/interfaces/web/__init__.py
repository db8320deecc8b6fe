"""The dashboard: views as pages. It looks through the same views and asks by the same wishes."""
