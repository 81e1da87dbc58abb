DROP TABLE {schema}.cohort_months;
DROP TABLE {schema}.customer_months;
DROP TABLE {schema}.customers;
DROP TABLE {schema}.user_counts;
DROP TABLE {schema}.users;
DROP TABLE {schema}.user_days;
DROP TABLE {schema}.order_values;
DROP TABLE {schema}.totals;
