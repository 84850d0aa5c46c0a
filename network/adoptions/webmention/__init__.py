"""W3C Webmention: telling other sites that we link to them, and hearing it of those who link to us.

Source: https://www.w3.org/TR/webmention/ (W3C Recommendation, 12 January 2017).
"""
