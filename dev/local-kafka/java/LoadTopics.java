import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Creates topics and fills their partitions evenly, in turn. Arguments: bootstrap servers, topics separated by commas, partitions a topic,
 * records in all, bytes a value, content (letters, json, or numbered: letters behind the record's number in twelve digits), then producer
 * settings as key=value. The same arguments give the same values.
 */
public class LoadTopics {
    // More than a compressor looks back: values come again, but it cannot know.
    private static final int DIFFERENT_VALUES = 8192;

    public static void main(String[] args) throws Exception {
        String[] topics = args[1].split(",");
        int partitions = Integer.parseInt(args[2]);
        long records = Long.parseLong(args[3]);
        byte[][] values = values(Integer.parseInt(args[4]), args[5].equals("json"));
        boolean isNumbered = args[5].equals("numbered");
        createTopics(args[0], topics, partitions);

        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("acks", "all");
        settings.put("buffer.memory", "67108864");
        for (int i = 6; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        AtomicReference<Exception> failure = new AtomicReference<>();
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            int slots = topics.length * partitions;
            for (long i = 0; i < records && failure.get() == null; i++) {
                int slot = (int) (i % slots);
                String topic = topics[slot / partitions];
                byte[] value = values[(int) (i % DIFFERENT_VALUES)];
                if (isNumbered) value = numbered(value, i);
                producer.send(new ProducerRecord<>(topic, slot % partitions, null, value), (metadata, error) -> {
                    if (error != null) failure.compareAndSet(null, error);
                });
            }
            producer.flush();
        }
        if (failure.get() != null) throw failure.get();
    }

    private static void createTopics(String bootstrapServers, String[] names, int partitions) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        List<NewTopic> topics = new ArrayList<>();
        for (String name : names) topics.add(new NewTopic(name, Optional.of(partitions), Optional.of((short) 1)));
        try (Admin admin = Admin.create(settings)) {
            // A controller refuses requests that would make more than 10,000 records of its own.
            int atOnce = Math.max(1, 2_000 / partitions);
            for (int i = 0; i < topics.size(); i += atOnce) {
                admin.createTopics(topics.subList(i, Math.min(i + atOnce, topics.size()))).all().get();
            }
            awaitLeaders(admin, names, partitions);
        }
    }

    /**
     * A topic is created when the controller says so; the broker follows. Batches that it refuses until then are retried out of order
     * where there are many partitions, and never come through. Asking for the ends of the logs tells when it is there.
     */
    private static void awaitLeaders(Admin admin, String[] names, int partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (String name : names) {
            for (int i = 0; i < partitions; i++) ends.put(new TopicPartition(name, i), OffsetSpec.latest());
        }
        for (int triesLeft = 120; ; triesLeft--) {
            try {
                admin.listOffsets(ends).all().get();
                return;
            } catch (ExecutionException error) {
                if (triesLeft == 0 || !(error.getCause() instanceof RetriableException)) throw error;
                Thread.sleep(500);
            }
        }
    }

    private static byte[][] values(int size, boolean isJson) {
        Random random = new Random(1);
        byte[][] values = new byte[DIFFERENT_VALUES][];
        for (int i = 0; i < values.length; i++) values[i] = isJson ? json(random, size) : letters(random, size);
        return values;
    }

    private static byte[] numbered(byte[] value, long number) {
        byte[] copy = value.clone();
        byte[] digits = String.format("%012d", number).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, copy, 0, digits.length);
        return copy;
    }

    /** As Kafka's own performance test has it: compressors hardly gain anything. */
    private static byte[] letters(Random random, int size) {
        byte[] value = new byte[size];
        for (int i = 0; i < size; i++) value[i] = (byte) ('A' + random.nextInt(26));
        return value;
    }

    /** An order with as many lines as fit, padded with blanks to the size: gzip makes it some four times smaller. */
    private static byte[] json(Random random, int size) {
        StringBuilder text = new StringBuilder("{\"orderId\":\"").append(Long.toHexString(random.nextLong()));
        text.append("\",\"customer\":").append(random.nextInt(1_000_000)).append(",\"lines\":[");
        String separator = "";
        while (text.length() < size - 130) {
            text.append(separator).append("{\"article\":\"").append(Integer.toHexString(random.nextInt()));
            text.append("\",\"quantity\":").append(random.nextInt(20)).append(",\"price\":").append(random.nextInt(100_000) / 100.0);
            text.append(",\"currency\":\"EUR\",\"warehouse\":\"").append(random.nextBoolean() ? "north" : "south").append("\"}");
            separator = ",";
        }
        text.append("]}");
        while (text.length() < size) text.append(' ');
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
