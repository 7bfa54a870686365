import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Produces numbered records, round robin over the partitions, at a steady rate until standard input ends. Arguments: bootstrap servers,
 * topic, partitions, records per second, the largest padding of a value in bytes, the first timestamp, then producer settings as key=value. Prints partition, offset and number of each
 * record once all replicas have it, or "failed" and the reason.
 */
public class SteadyProducer {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("acks", "all");
        settings.put("linger.ms", "2");
        // Longer than any fault lasts: a record that was given up would be neither there nor surely missing.
        settings.put("delivery.timeout.ms", "600000");
        settings.put("max.block.ms", "600000");
        settings.put("request.timeout.ms", "5000");
        settings.put("reconnect.backoff.max.ms", "200");
        for (int i = 6; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        String topic = args[1];
        int partitions = Integer.parseInt(args[2]);
        long nanosPerRecord = 1_000_000_000L / Long.parseLong(args[3]);
        int padding = Integer.parseInt(args[4]);
        long firstTimestamp = Long.parseLong(args[5]);
        InputEnd.watch();
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        long dueNanos = System.nanoTime();
        for (long number = 0; !InputEnd.isReached; number++) {
            // test/support/steady-producer.ts knows the same formula.
            String value = number + ":" + "x".repeat((int) (number * 37 % (padding + 1)));
            int partition = (int) (number % partitions);
            send(producer, new ProducerRecord<>(topic, partition, firstTimestamp + number, "key-" + number, value), number);
            dueNanos += nanosPerRecord;
            for (long wait = dueNanos - System.nanoTime(); wait > 0 && !InputEnd.isReached; wait = dueNanos - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
        }
        producer.close();
    }

    private static void send(KafkaProducer<String, String> producer, ProducerRecord<String, String> record, long number) {
        producer.send(record, (metadata, error) -> {
            System.out.println(error == null ? record.partition() + " " + metadata.offset() + " " + number : "failed " + error);
        });
    }
}
