"""Tests of the site: its build (`docs/site`), and its pages in a browser."""
