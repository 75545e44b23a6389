"""What tests of the crawler are made with: replicas of sites on loopback, and cases made of pages."""
